import type { Checked } from './support';
import { warningsOf } from './support';

/** Dockerfiles as projects have them, with the files beside them. Docker builds all of them. */
const DOCKERFILES: [name: string, dockerfile: string, use: Checked][] = [
  ['the smallest', 'FROM scratch', {}],
  ['a server in shell', `FROM public.ecr.aws/lambda/microvms:al2023-minimal
COPY server.sh /server.sh
CMD ["sh", "/server.sh"]
`, { files: ['server.sh'] }],
  ['Python with pip', `# syntax=docker/dockerfile:1
FROM python:3.12-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1 \\
    PIP_NO_CACHE_DIR=1
RUN apt-get update && apt-get install -y --no-install-recommends \\
      build-essential \\
      # for psycopg
      libpq-dev \\

      curl && \\
    rm -rf /var/lib/apt/lists/*
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
EXPOSE 8080
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8080"]
`, { files: ['requirements.txt', 'app/main.py'], hooksPort: 8080 }],
  ['Python with uv, which mounts its files', `FROM python:3.12-slim AS base
COPY --from=ghcr.io/astral-sh/uv:0.8.4 /uv /uvx /bin/
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv \\
    --mount=type=bind,source=uv.lock,target=uv.lock \\
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\
    uv sync --locked --no-install-project --no-dev
ADD . /app
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev
ENV PATH="/app/.venv/bin:$PATH"
ENTRYPOINT []
CMD ["python", "-m", "app"]
`, { files: ['uv.lock', 'pyproject.toml', 'app/__main__.py'] }],
  ['Node with lock files of several package managers', `FROM node:22-alpine AS deps
WORKDIR /app
COPY package.json yarn.lock* package-lock.json* pnpm-lock.yaml* .npmrc* ./
RUN \\
  if [ -f yarn.lock ]; then yarn --frozen-lockfile; \\
  elif [ -f package-lock.json ]; then npm ci; \\
  else echo "Lockfile not found." && exit 1; \\
  fi

FROM node:22-alpine AS builder
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY . .
RUN npm run build

FROM node:22-alpine AS runner
WORKDIR /app
RUN addgroup --system --gid 1001 nodejs
COPY --from=builder /app/public ./public
COPY --from=builder --chown=nextjs:nodejs /app/.next/standalone ./
USER nextjs
EXPOSE 3000
ENV PORT 3000
CMD HOSTNAME="0.0.0.0" node server.js
`, { files: ['package.json', 'package-lock.json', 'pages/index.js'] }],
  ['Go, cross-compiled on the machine that builds', `ARG GO_VERSION=1.23
FROM --platform=$BUILDPLATFORM golang:\${GO_VERSION} AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd/ ./cmd/
COPY internal internal/
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/server ./cmd/server
FROM gcr.io/distroless/static
COPY --from=build /out/server /server
ENTRYPOINT ["/server"]
`, { files: ['go.mod', 'go.sum', 'cmd/server/main.go', 'internal/a.go'] }],
  ['Rust with cargo chef', `FROM lukemathwalker/cargo-chef:latest-rust-1 AS chef
WORKDIR /app

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
RUN cargo build --release --bin app

FROM debian:bookworm-slim AS runtime
COPY --from=builder /app/target/release/app /usr/local/bin
ENTRYPOINT ["/usr/local/bin/app"]
`, { files: ['Cargo.toml', 'src/main.rs'] }],
  ['Java with Maven and a jar by pattern', `FROM maven:3-eclipse-temurin-21 as build
workdir /build
copy pom.xml .
run mvn -B dependency:go-offline
copy src ./src
run mvn -B package

FROM eclipse-temurin:21-jre
COPY --from=build /build/target/*.jar /app.jar
ENTRYPOINT ["java","-jar","/app.jar"]
`, { files: ['pom.xml', 'src/main/java/App.java'] }],
  ['here-documents', `FROM alpine
RUN <<EOF
apk add curl
FORM is not an instruction here
EOF
COPY <<EOF /etc/app.conf
listen 8080
COPY nothing /nowhere
EOF
COPY <<-"ONE" <<'TWO' optional.* /etc/
	first
	ONE
second \\
TWO
RUN python3 <<-EOT
	print("hello")
	EOT
CMD ["sh"]
`, {}],
  ['a here-document with a file descriptor', 'FROM alpine\nRUN cat 3<<EOF\nnot an instruction\nEOF\nADD <<A <<B /x/\na\nA\nb\nB\nRUN true\n', {}],
  ['what only looks like a here-document', 'FROM alpine\nRUN ["sh", "-c", "cat <<EOF"]\nRUN bash -c "cat <<EOF"\nRUN echo $((1 << 2)) \'<<EOF\'\nCOPY a /a\n', { files: ['a'] }],
  ['a here-document below ONBUILD', 'FROM alpine\nONBUILD RUN <<EOF\nnot an instruction\nEOF\nONBUILD COPY missing /x\n', {}],
  ['comments everywhere', '# first\n\n  # indented\nFROM alpine # not a comment, but Docker ignores it in the next line\n'.replace(/ # not.*\n/, '\n') + 'RUN echo a && \\\n# inside\n    # and indented\n    echo b # in the shell\n', {}],
  ['Windows line ends and a byte order mark', '\uFEFFFROM alpine\r\nCOPY a.txt \\\r\n  b.txt \\\r\n  /x/\r\nCOPY <<EOF /y\r\ntext\r\nEOF\r\nRUN true\r\n', { files: ['a.txt', 'b.txt'] }],
  ['another escape character', '# escape=`\nFROM alpine\nCOPY a.txt `\n  /x/\nRUN echo c:\\\nRUN true\n', { files: ['a.txt'] }],
  ['an escape before a blank, which ends the word', 'FROM alpine\nCOPY a\\ b /x/\n', { files: ['a', 'b'] }],
  ['no line end at the end', 'FROM alpine\nCOPY a.txt /', { files: ['a.txt'] }],
  ['arguments with defaults, in several forms', `ARG REGISTRY=docker.io/library
ARG IMAGE=\${REGISTRY}/alpine
ARG VARIANT
FROM \${IMAGE}:\${VARIANT:-3.20} AS base
ARG REGISTRY
ARG DIR="app"
ARG A=1 B=2 C
ENV SRC=$DIR/src
COPY $SRC /src
COPY "\${DIR}/config.json" ./
COPY \${MODE:+never/there} $UNKNOWN_OF_BASE/x $DIR ./
`, { files: ['app/src/a.js', 'app/config.json'] }],
  ['stages that are chosen by an argument', `ARG MODE=prod
FROM alpine AS dev
COPY dev-only.txt /
FROM alpine AS prod
COPY prod.txt /
FROM \${MODE}
CMD ["true"]
`, { files: ['prod.txt'] }],
  ['names of stages in other letters, and numbers', 'FROM alpine AS Builder\nRUN true\nFROM alpine\nCOPY --from=BUILDER /a /a\nCOPY --from=0 /b /b\nFROM BUILDER\nCOPY --from=1 /a /c\n', {}],
  ['a stage that nothing uses, for tests', 'FROM alpine AS test\nCOPY tests /tests\nFROM --platform=linux/amd64 alpine AS unused\nRUN --mount=type=secret,id=x,required=true true\nFROM alpine\n', {}],
  ['COPY with --link, --chmod and --exclude', '# syntax=docker/dockerfile:1-labs\nFROM alpine\nCOPY --link --chmod=755 --exclude=*.md --exclude=b bin/ /bin/\nCOPY --parents ./packages/*/package.json ./a/./b/c.txt /x/\nCOPY --parents=true **/nothing /y/\n', { files: ['bin/run', 'a/b/c.txt'] }],
  ['the JSON form, with blanks in names', 'FROM alpine\nCOPY ["a file.txt", "b.txt", "/x/"]\nADD [ "dir", \\\n "/y/" ]\nVOLUME ["/data"]\nSHELL ["/bin/bash", "-c"]\n', { files: ['a file.txt', 'b.txt', 'dir/x'] }],
  ['patterns', 'FROM alpine\nCOPY *.json [a-c].txt file?.sh ar[[]0].txt src/*/index.js [^x]*.md /x/\n', { files: ['package.json', 'b.txt', 'file1.sh', 'ar[0].txt', 'src/a/index.js', 'README.md'] }],
  ['paths in every notation', 'FROM alpine\nCOPY ./a /1\nCOPY /a /2\nCOPY dir/ /3\nCOPY ./dir/../a /4\nCOPY ../a /5\nCOPY .. /6\nCOPY / /7\nCOPY dir/./b /8\n', { files: ['a', 'dir/b'] }],
  ['ADD of URLs and repositories', 'FROM alpine\nADD https://example.com/a.tgz /a.tgz\nADD --checksum=sha256:abc --unpack=true https://example.com/b.tgz /b\nADD --keep-git-dir=true https://github.com/moby/buildkit.git#v0.10.1 /c\nADD git@github.com:moby/buildkit.git /d\nADD git://example.com/x /e\nADD github.com/moby/buildkit /f\nARG URL=https://example.com/g\nADD $URL /g\n', {}],
  ['every instruction', `FROM alpine
MAINTAINER somebody
LABEL a=b "c d"="e f"
LABEL old form
ENV OLD value with blanks
EXPOSE 80 443/tcp 5000-5010/udp
USER 1000:1000
VOLUME /a /b
WORKDIR /a/\${OLD}
STOPSIGNAL SIGKILL
HEALTHCHECK --interval=5m --timeout=3s --start-interval=1s CMD curl -f http://localhost/ || exit 1
HEALTHCHECK NONE
ONBUILD ADD . /app
RUN --network=none --security=sandbox true
ENTRYPOINT exec top -b
CMD
`, {}],
  ['a platform that is spelled in other ways', 'FROM --platform=linux/arm64/v8 alpine AS a\nFROM --platform=arm64 alpine AS b\nFROM --platform=linux/aarch64 alpine AS c\nFROM --platform=linux alpine AS d\nFROM --platform=$TARGETPLATFORM alpine AS e\nFROM --platform=linux/$TARGETARCH alpine\nCOPY --from=a / /\nCOPY --from=b / /\nCOPY --from=c / /\nCOPY --from=d / /\nCOPY --from=e / /\n', {}],
  ['static files of another platform', 'FROM --platform=linux/amd64 nginx AS assets\nFROM alpine\nCOPY --from=assets /usr/share/nginx/html /html\n', {}],
  ['a file for each architecture', 'FROM alpine\nARG TARGETARCH\nCOPY bin/app-$TARGETARCH /app\n', { files: ['bin/app-amd64', 'bin/app-arm64'], architectures: ['ARM_64', 'X86_64'] }],
  ['bind mounts of stages and of the whole code', 'FROM alpine AS a\nFROM alpine\nRUN --mount=from=a,src=/x,dst=/x --mount=type=bind,target=/code --mount=type=tmpfs,target=/t true\nRUN --mount=type=cache,id=x,sharing=locked,target=/c,from=a true\n', {}],
  ['a frontend with a language of its own', '# syntax=example/other:1\nINCLUDE other\nFROM alpine\n', {}],
  ['an argument that the environment may give', 'ARG BASE\nFROM $BASE\n', { environment: ['BASE'] }],
  ['apt with a continued line that ends with blanks', 'FROM debian\nRUN apt-get update \\  \n && apt-get install -y curl\\\n\n && true\nCMD ["curl"]\n', {}],
  ['comments and empty lines within instructions', 'FROM alpine\nENV A=1 \\\n    # why\n\n    B=2\nCOPY \\\n  a \\\n  # why\n  b \\\n# why\n  /x/\nARG C=1 \\\n    # it\\\'s\n    D\nLABEL x=y \\\n  # "z\n  q="r"\nEXPOSE 80 \\\n  # more\n  90\nCOPY a /a\n', { files: ['a', 'b'] }],
  ['a regular expression with quotes and dollar signs', 'FROM alpine\nRUN sed -i "s/^#\\(.*\\)$/\\1/" /etc/x && awk \'{print $1 "<<" $2}\' y\nRUN echo "it\'s" && printf \'%s\\n\' "$HOME"\nCOPY a /a\n', { files: ['a'] }],
  ['a path below a symbolic link', 'FROM alpine\nCOPY link/a.txt /\n', { files: ['link'] }],
];

test.each(DOCKERFILES)('a realistic Dockerfile passes: %s', (_, dockerfile, use) => {
  expect(warningsOf(dockerfile, use)).toEqual([]);
});

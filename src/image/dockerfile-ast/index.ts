/** The entry point of the bundle with the parser. */
export { DockerfileParser } from 'dockerfile-ast';

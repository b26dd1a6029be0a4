package example;

import io.github.cdklambdamicrovms.MicrovmCode;
import io.github.cdklambdamicrovms.MicrovmImage;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;

/** An image with default properties. */
public final class MicrovmImageApp {

  public static void main(String[] args) {
    var app = new App();
    var stack = new Stack(app, "IntegMicrovmImage");

    var image = MicrovmImage.Builder.create(stack, "Sandbox")
        .code(MicrovmCode.fromDirectory("examples/quickstart/typescript/sandbox"))
        .build();
    CfnOutput.Builder.create(stack, "ImageVersion").value(image.getMicrovmImageVersion()).build();
    CfnOutput.Builder.create(stack, "BaseImageVersion").value(image.getBaseImageVersion()).build();

    app.synth();
  }
}

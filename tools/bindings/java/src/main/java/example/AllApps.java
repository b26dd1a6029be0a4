package example;

/** Runs the programs whose class names are the arguments in one virtual machine, so that the CDK is loaded once. */
public final class AllApps {

  public static void main(String[] args) throws ReflectiveOperationException {
    for (String program : args) {
      Class.forName("example." + program).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }
  }
}

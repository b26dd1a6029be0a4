package example;

/** Runs the programs whose class names are its arguments in one virtual machine, which loads the CDK once. */
public final class AllApps {

  public static void main(String[] args) throws ReflectiveOperationException {
    for (String program : args) {
      Class.forName("example." + program).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    }
  }
}

import json
import unittest

from aws_cdk import App, Duration, Validations
from aws_cdk.assertions import Annotations, Match, Template
from cdk_lambda_microvms import MicrovmCode, MicrovmImage, MicrovmPolicyValidation

from sandbox_stack import SandboxStack


class SandboxStackTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = SandboxStack(App(), "Test")
        cls.template = Template.from_stack(cls.stack)

    def test_the_image_keeps_five_versions_and_is_deleted_with_the_stack(self):
        # All properties of custom resources are strings.
        self.template.has_resource_properties("Custom::MicrovmImage", {"RetainedVersions": "5", "MemoryMiB": "2048"})
        self.template.has_resource("Custom::MicrovmImage", {"DeletionPolicy": "Delete"})

    def test_each_new_version_must_launch_and_answer_before_the_deployment_succeeds(self):
        self.template.has_resource_properties(
            "Custom::MicrovmLaunchCheck", {"HealthCheck": {"Port": "8080", "Path": "/"}}
        )

    def test_microvms_run_for_four_hours_at_most_without_a_root_shell(self):
        [check] = self.template.find_resources("Custom::MicrovmLaunchCheck").values()
        # The request is JSON with ARNs in it, so it is an Fn::Join.
        parts = check["Properties"]["LaunchRequest"]["Fn::Join"][1]
        text = "".join(part if isinstance(part, str) else "token" for part in parts)
        self.assertEqual(json.loads(text)["maximumDurationInSeconds"], Duration.hours(4).to_seconds())
        self.assertNotIn("SHELL_INGRESS", text)

    def test_the_library_gives_no_warnings(self):
        Annotations.from_stack(self.stack).has_no_warning("*", Match.any_value())

    def test_the_rules_of_the_platform_team_are_met(self):
        app = App()
        Validations.of(app).add_plugins(
            MicrovmPolicyValidation(allow_internet_egress=True, maximum_duration=Duration.hours(4))
        )
        SandboxStack(app, "Test")
        app.synth()

    def test_an_invalid_property_is_an_error_with_a_code(self):
        code = MicrovmCode.from_inline("FROM public.ecr.aws/lambda/microvms:al2023-minimal")
        with self.assertRaisesRegex(RuntimeError, "MicrovmImageRetainedVersionsInvalid"):
            MicrovmImage(self.stack, "Invalid", code=code, retained_versions=1)


if __name__ == "__main__":
    unittest.main()

// Images
export { type IMicrovmImage, type MicrovmImageAttributes } from './image/image-interface';
export { type MicrovmImageProps } from './image/image-props';
export { MicrovmImage } from './image/microvm-image';
export { MicrovmArchitecture } from './image/architecture';
export { MicrovmBaseImage } from './image/base-image';
export { MicrovmBuildRole, type MicrovmBuildRoleProps } from './image/build-role';
export { MicrovmCode } from './image/code';
export { type MicrovmCodeBucketOptions } from './image/code-bucket';
export { type MicrovmCodeConfig } from './image/code-config';
export { type MicrovmCodeDirectoryOptions } from './image/code-directory';
export { type MicrovmHookOptions, MicrovmHooks, type MicrovmReadyHooks, type MicrovmValidateHook } from './image/hooks';
export { MicrovmImageGrants } from './image/grants';
export { DeploymentEncryption, type DeploymentEncryptionOptions } from './shared/deployment-encryption';
export { MicrovmLogging, type MicrovmNewLogGroupOptions } from './shared/logging';
export { MicrovmProvider, type MicrovmProviderOptions } from './shared/microvm-provider';
export { MicrovmMemory } from './image/memory';
export { MicrovmOsCapabilities } from './image/os-capabilities';
export { MicrovmTermination } from './image/termination';
export { type MicrovmImageRoleProps, type MicrovmServiceRoleProps } from './shared/service-role';
export { SessionTagging } from './shared/session-tagging';

// Network
export { MicrovmEgress, type MicrovmEgressConfig } from './network/egress';
export {
  type INetworkConnector, NetworkConnector, type NetworkConnectorAttributes, NetworkConnectorDeletion,
  NetworkConnectorPlacementRemoval, type NetworkConnectorProps, NetworkProtocol,
} from './network/network-connector';
export { AllowedNetworkConnectors, ManagedNetworkConnector } from './network/allowed-connectors';
export {
  type INetworkConnectorCatalog, NetworkConnectorCatalog, type NetworkConnectorCatalogProps, type NetworkConnectorPublicationOptions,
} from './network/catalog';
export { NetworkConnectorElasticIps } from './network/elastic-ips';
export { type NetworkConnectorCreationOptions, NetworkConnectorGrants } from './network/grants';
export { NetworkConnectorGuardrail, type NetworkConnectorGuardrailProps } from './network/guardrail';
export { NetworkConnectorOperatorRole, type NetworkConnectorOperatorRoleProps } from './network/operator-role';
export { NetworkTeamSynthesizer, type NetworkTeamSynthesizerProps } from './network/team-synthesizer';

// Launcher
export { MicrovmExecutionRole, type MicrovmExecutionRoleProps } from './launcher/execution-role';
export { type MicrovmDeployedLaunchOptions, type MicrovmDeploymentOptions } from './launcher/deployment-options';
export { type MicrovmHealthCheck } from './launcher/health-check';
export { type MicrovmIdlePolicy } from './launcher/idle-policy';
export { MicrovmImageVersion } from './launcher/image-version';
export { MicrovmIngress, type MicrovmIngressConfig } from './network/ingress';
export { type MicrovmLaunchOptions } from './launcher/launch-options';
export { MicrovmLaunchCheck, type MicrovmLaunchCheckOptions, type MicrovmLaunchCheckProps } from './launcher/launch-check';
export { Microvm, type MicrovmProps } from './launcher/microvm';
export { MicrovmLauncherGrants } from './launcher/launcher-grants';
export { type IMicrovmLauncher, type MicrovmLauncherAttributes, type MicrovmLauncherFunctionOptions } from './launcher/launcher-interface';
export { MicrovmLauncher, type MicrovmLauncherProps } from './launcher/microvm-launcher';
export { MicrovmPolicyValidation } from './launcher/policy-validation';
export { type MicrovmPolicyValidationProps } from './launcher/policy-props';
export { type IPublishedMicrovmLauncher } from './launcher/published-launcher';
export { MicrovmStateMachineFragment, type MicrovmStateMachineFragmentProps } from './launcher/state-machine-fragment';
export { type WebIdentityClaims, type WebIdentityOptions, WebIdentitySigningAlgorithm } from './launcher/web-identity';
export { WebIdentityLaunchRole, type WebIdentityLaunchRoleProps } from './launcher/web-identity-launch-role';

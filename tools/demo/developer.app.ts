import { App, Stack } from 'aws-cdk-lib';
import { CATALOG, CONNECTOR, DEVELOPER_STACK } from './names';
import { MicrovmCode, MicrovmEgress, MicrovmHooks, MicrovmImage, MicrovmMemory, NetworkConnectorCatalog } from '../../src';

/** A developer's app: an image that is built through the connector that the network team has published. */
const app = new App();
const stack = new Stack(app, DEVELOPER_STACK);

const connectors = NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', CATALOG);
new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(app.node.getContext('directory')),
  memory: MicrovmMemory.MIB_512,
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
  buildEgress: MicrovmEgress.connector(connectors.connector(CONNECTOR)),
});

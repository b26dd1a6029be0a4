import { pollEvent, properties } from './inputs';
import { NETWORK_CONNECTOR_DEFAULTS } from '../../../src/contract/connector';
import { desiredConnector } from '../../../src/handlers/connector/desired';

test.each(Object.entries(NETWORK_CONNECTOR_DEFAULTS))('a connector without the property %s is one with %s', (member, value) => {
  const desired = (given: string | undefined) => desiredConnector(pollEvent(), properties({ [member]: given }));
  expect(desired(undefined)).toEqual(desired(value));
});

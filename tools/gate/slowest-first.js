const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Tests that mostly wait for a deployment, or run many histories, slowest first. If they started last, the run would
 * end with them alone.
 */
const SLOW = [
  'test/tools/demo', 'test/tools/local-aws/missing-statements', 'test/tools/local-aws/hand-over', 'test/tools/local-aws/image-deployments', 'test/integ/live/run',
  'test/histories/images', 'test/histories/microvms', 'test/histories/connectors',
];

module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = SLOW.findIndex(slow => path.includes(slow));
      return found === -1 ? SLOW.length : found;
    };
    // The sort is stable: what is equally slow stays in the order of jest.
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};

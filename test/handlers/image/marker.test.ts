import { markerOf, withMarker } from '../../../src/handlers/image/marker';

const MARKER = { fingerprint: '0123456789abcdef', operationId: 'abcdef012345' };

describe('the marker', () => {
  test('stands at the end of a description, and is read from there', () => {
    const description = withMarker('for untrusted code', MARKER);
    expect(description).toBe('for untrusted code [cdk 0123456789abcdef/abcdef012345]');
    expect(markerOf(description)).toEqual(MARKER);
  });

  test('stands alone without a description', () => {
    expect(markerOf(withMarker(undefined, MARKER))).toEqual(MARKER);
  });

  test('is the last one if the description of the user looks like one', () => {
    expect(markerOf(withMarker(withMarker('x', { fingerprint: 'aa', operationId: 'bb' }), MARKER))).toEqual(MARKER);
  });

  test.each([undefined, null, '', 'for untrusted code', '[cdk 01/ab] first', 'x [cdk 01]', 'x [cdk XY/ab]'])('is absent from %p', description => {
    expect(markerOf(description)).toBeUndefined();
  });
});

import { committed, integApps, synthesized } from '../tools/gate/snapshots';

test.each(integApps())('the templates of %s are committed as they are synthesized; run npm run generate', app => {
  expect(synthesized(app)).toEqual(committed(app));
});

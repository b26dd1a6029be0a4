import { committed, integApps, synthesized } from '../tools/gate/snapshots';

test.each(integApps())('the templates of %s are those that are committed; npm run snapshots writes them again', app => {
  expect(synthesized(app)).toEqual(committed(app));
});

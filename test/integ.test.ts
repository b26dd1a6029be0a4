import { committed, integApps, synthesized } from '../tools/gate/snapshots';

const templates = synthesized();

test.each(integApps())('the templates of %s are those that are committed; npm run snapshots writes them again', app => {
  expect(templates[app]).toEqual(committed(app));
});

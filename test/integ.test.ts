import { committed, integApps, synthesized } from '../tools/gate/snapshots';

const templates = synthesized();

test.each(integApps())('the templates of %s are committed as they are synthesized; run npm run generate', app => {
  expect(templates[app]).toEqual(committed(app));
});

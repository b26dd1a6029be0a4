/** `npm run permissions`: prints who may do what by the hand-over from network team to developers. */
import { markdown, matrix } from './matrix';

matrix().then(result => console.log(markdown(result)), (error: unknown) => {
  console.error(error);
  process.exit(1);
});

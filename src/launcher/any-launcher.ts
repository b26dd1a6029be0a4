import { TypeMarker } from '../private/type-marker';

/** Marks launchers of this library, created or imported. */
export const ANY_LAUNCHER = new TypeMarker('IMicrovmLauncher');

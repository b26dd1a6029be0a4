import type { Microvm, Microvms, Version } from './observed';
import { sameVersion } from './versions';
import { listIds } from '../engine/list-ids';

/** Terminates one MicroVM. Errors contain this command if they ask the user to terminate MicroVMs. */
export const TERMINATE_COMMAND = "'aws lambda-microvms terminate-microvm --microvm-identifier <ID>'";

/** Lists the MicroVMs of an image. Errors contain this command if the list is too long for a poll. */
export function listCommand(imageArn: string): string {
  return `'aws lambda-microvms list-microvms --image-identifier ${imageArn}'`;
}

export function livingIds(microvms: readonly Microvm[]): string[] {
  return microvms.filter(microvm => microvm.state !== 'TERMINATING').map(microvm => microvm.id);
}

/** Lists the MicroVMs that are not terminating, for an error. */
export function livingList({ found, areAll }: Microvms): string {
  return `${listIds(livingIds(found))}${areAll ? '' : ' and maybe others'}`;
}

/** Whether a MicroVM runs from the snapshot of a version. */
export function isInUse({ version }: Version, microvms: readonly Microvm[]): boolean {
  return microvms.some(microvm => sameVersion(microvm.imageVersion, version));
}

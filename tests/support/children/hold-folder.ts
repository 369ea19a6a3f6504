import { messageOf } from '#core/contract/errors.ts';
import { lockFolder } from '#core/files/folder-lock.ts';

/** Locks the folder named on the command line, says how that went, and lives until it is killed or told to end. */
try {
  const lock = await lockFolder(process.argv[2]!);
  process.on('message', async () => {
    await lock[Symbol.asyncDispose]();
    process.disconnect();
  });
  process.send!('locked');
} catch (error) {
  process.send!(messageOf(error), () => process.disconnect());
}

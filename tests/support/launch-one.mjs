import { Launcher } from '../../core/launch/launcher.mjs';

// The launcher with one program and nothing to set up.
const launcher = new Launcher();
process.exitCode = await launcher.run(process.execPath, process.argv.slice(2));
launcher.stop();

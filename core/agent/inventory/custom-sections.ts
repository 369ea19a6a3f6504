import { AD_HOC, type Command } from '#core/contract/command.ts';
import { messageOf } from '#core/contract/errors.ts';
import { isId } from '#core/contract/ids.ts';
import { isCustomSection, isSectionName } from '#core/contract/inventory.ts';
import type { Log } from '#core/contract/log.ts';
import { decodeOutput } from '../run/decode-output.ts';
import type { ScriptOutcome } from '../run/script.ts';
import { customSection } from './custom-section.ts';
import type { Publisher } from './publisher.ts';

export interface CustomSectionsParts {
  publisher: Publisher;
  /** A label of what console programs write that is not UTF-8. */
  consoleEncoding: () => Promise<string>;
  log: Log;
}

/** Publishes what the scripts of jobs write as sections of this PC's inventory. */
export class CustomSections {
  readonly #p: CustomSectionsParts;

  constructor(parts: CustomSectionsParts) {
    this.#p = parts;
  }

  /** What a script that succeeded wrote, if its command says that it is a section. Never rejects: the result is what counts. */
  async take(command: Command, execId: string, { outcome, stdout }: ScriptOutcome): Promise<void> {
    const { inventory_section: section, id } = command;
    if (section === undefined || outcome !== 'succeeded') return;
    const { publisher, consoleEncoding, log } = this.#p;
    try {
      if (!isSectionName(section) || !isCustomSection(section)) {
        log.warn({ execId, section: section.slice(0, 64) }, 'a command names no section that a script may write: it is not published');
        return;
      }
      const { text } = decodeOutput(stdout.bytes, await consoleEncoding());
      const job_id = id !== AD_HOC && isId(id) ? id : null;
      await publisher.publish(section, customSection(section, { text, truncated: stdout.truncated }), { job_id, exec_id: execId });
    } catch (error) {
      log.error({ execId, section, error: messageOf(error) }, 'a section that a script wrote could not be written down');
    }
  }
}

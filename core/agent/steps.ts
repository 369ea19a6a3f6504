/**
 * The points between which an agent may die without anything running twice or being lost. Called as each is reached;
 * the crash tests end the process there.
 */
export type StepName =
  | 'before_ledger'
  | 'before_ack'
  | 'before_launch'
  | 'before_start'
  | 'started'
  | 'after_run'
  | 'before_publish'
  /** The broker has stored it; its file is still in the outbox. */
  | 'published';

/** `subject` of what is published. */
export type Step = (name: StepName, subject?: string) => void | Promise<void>;

/**
 * The points between which an agent may die without anything running twice or being lost. Called as each is reached;
 * the crash tests end the process there.
 */
export type StepName = 'before_ledger' | 'before_ack' | 'before_launch' | 'before_start' | 'started' | 'after_run' | 'before_publish';

export type Step = (name: StepName) => void | Promise<void>;

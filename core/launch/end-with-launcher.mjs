// Loaded into the tools of others, which know nothing of our channel, before they start: they end when the launcher does.
// `?parent=` names the launcher, for the processes that a tool starts in turn load this as well, and have channels of their own.
const parent = Number(new URL(import.meta.url).searchParams.get('parent'));
if (process.channel && process.ppid === parent) {
  process.on('disconnect', () => process.exit(1));
  process.channel.unref();
}

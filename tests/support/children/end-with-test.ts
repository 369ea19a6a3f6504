// Loaded into every child: a test that is cut short takes its children along, whatever they are at.
process.once('disconnect', () => process.exit());

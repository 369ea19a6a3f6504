using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Kanade.Native;

/// <summary>What edge-js calls. What cannot be read is left out, and told among the faults.</summary>
public sealed class PcFacts
{
    /// <summary>Returns at once: who calls it is the thread that the whole agent lives on.</summary>
    public Task<object> Read(object input) => Task.Run<object>(() => Gather(input));

    private static Dictionary<string, object> Gather(object input)
    {
        _ = input;
        var facts = new Dictionary<string, object>();
        var faults = new List<string>();
        void Keep(string name, Func<object?> read)
        {
            try
            {
                if (read() is { } fact) facts[name] = fact;
            }
            // Whatever it is: one fact that cannot be read takes no other with it.
            catch (Exception error)
            {
                faults.Add($"{name}: {error.Message}");
            }
        }
        Keep("logged_on_user", Sessions.ActiveUser);
        Keep("pending_reboot", () => PendingReboot.Reasons(LocalMachine.Has, LocalMachine.Value));
        Keep("defender", () => Defender.State(LocalMachine.Has, LocalMachine.Value, () => Services.IsRunning("WinDefend"), DateTime.UtcNow));
        facts["faults"] = faults.ToArray();
        return facts;
    }
}

using System.Collections.Generic;
using System.Linq;

namespace Kanade.Native;

/// <summary>A session of Windows that somebody sits before, or is connected to.</summary>
public sealed class Session
{
    public Session(int id, string user, string domain)
    {
        Id = id;
        User = user;
        Domain = domain;
    }

    public int Id { get; }

    /// <summary>Empty where nobody has logged on, as before the console of a server.</summary>
    public string User { get; }

    public string Domain { get; }

    /// <summary>Who works at the PC, DOMAIN\user: at the console first, then by number, as scripts are run for a user. Empty: nobody.</summary>
    public static string UserOf(IEnumerable<Session> sessions, int console)
    {
        var found = sessions
            .Where(session => session.User.Length > 0)
            .OrderBy(session => session.Id == console ? 0 : 1)
            .ThenBy(session => session.Id)
            .FirstOrDefault();
        if (found == null) return "";
        return found.Domain.Length == 0 ? found.User : $@"{found.Domain}\{found.User}";
    }
}

using System;
using System.Collections.Generic;

namespace Kanade.Native;

/// <summary>Why Windows wants to be restarted, in the words that the inventory has for it.</summary>
public static class PendingReboot
{
    private const string Windows = @"SOFTWARE\Microsoft\Windows\CurrentVersion\";
    private const string SessionManager = @"SYSTEM\CurrentControlSet\Control\Session Manager";

    /// <summary>None when nothing waits for a restart.</summary>
    public static string[] Reasons(Func<string, bool> has, Func<string, string, object?> value)
    {
        var reasons = new List<string>();
        if (has(Windows + @"Component Based Servicing\RebootPending")) reasons.Add("component_servicing");
        if (RenamesFiles(value(SessionManager, "PendingFileRenameOperations") as string[])) reasons.Add("file_rename");
        if (has(Windows + @"WindowsUpdate\Auto Update\RebootRequired")) reasons.Add("windows_update");
        return reasons.ToArray();
    }

    /// <summary>From and to by turns. Files that are only to be deleted are leftovers, which half of all installers leave behind.</summary>
    private static bool RenamesFiles(string[]? operations)
    {
        for (var i = 1; i < operations?.Length; i += 2)
            if (operations[i].Length > 0) return true;
        return false;
    }
}

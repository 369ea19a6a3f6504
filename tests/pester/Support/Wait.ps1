# For what something causes a moment later. Dot-source it in BeforeAll.
function Wait-For([scriptblock] $Ready) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Ready)) {
        if ($clock.Elapsed.TotalSeconds -gt 30) { throw "It has not come within 30 s: $Ready" }
        Start-Sleep -Milliseconds 100
    }
}

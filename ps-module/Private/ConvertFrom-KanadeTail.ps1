# Lines from the events of a result's tail. A line is told when it is whole, and the last one at the end; what the PC no
# longer had for those who watch is told as a gap, and what came too late for them is read from the result.
function ConvertFrom-KanadeTail {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $Told,
        [Parameter(Mandatory = $true)][string] $ResultId,
        [Parameter(Mandatory = $true)][string] $PcId,
        [Parameter(Mandatory = $true)][string] $ExecId
    )

    begin {
        # Of each stream how many bytes were told, and what is no whole line yet.
        $streams = @{ stdout = @{ At = 0; Left = '' }; stderr = @{ At = 0; Left = '' } }
        # The whole lines there are by now; at the end also what is none.
        $take = {
            param($Stream, $Text, $Last)
            $lines = ($Stream.Left + $Text).Split("`n")
            $Stream.Left = $lines[$lines.Count - 1]
            for ($i = 0; $i -lt $lines.Count - 1; $i++) { $lines[$i] }
            if ($Last -and $Stream.Left) { $Stream.Left }
        }
    }

    process {
        switch ($Told.Event) {
            'waiting' { Write-Warning -Message "$PcId does not answer for now. What it writes follows when it does." }
            'done' {
                foreach ($name in 'stdout', 'stderr') {
                    $rest = Get-KanadeOutputRest -ResultId $ResultId -Name $name -From $streams[$name].At
                    & $take $streams[$name] $rest $true | ConvertTo-KanadeLine -Stream $name -PcId $PcId -ExecId $ExecId
                }
            }
            { $_ -in 'stdout', 'stderr' } {
                $stream = $streams[$Told.Event]
                $gap = $Told.Data.from - $stream.At
                if ($gap -gt 0) { Write-Warning -Message "$gap bytes of $($Told.Event) are missing here: $PcId wrote faster than this was read. When it has ended Receive-KanadeExec gives all of it." }
                $stream.At = $Told.Data.from + [System.Text.Encoding]::UTF8.GetByteCount($Told.Data.data)
                & $take $stream $Told.Data.data $false | ConvertTo-KanadeLine -Stream $Told.Event -PcId $PcId -ExecId $ExecId
            }
        }
    }
}

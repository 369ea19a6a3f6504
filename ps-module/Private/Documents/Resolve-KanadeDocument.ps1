# The documents that are meant by what a command was given: each with its text, what that is, where it lies and what to call it
# in a message. What cannot be read comes as an ErrorRecord in its place.
function Resolve-KanadeDocument {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        [string[]] $Path,
        [string[]] $LiteralPath,
        # A file, a path, text of several lines, or a document as an object.
        [AllowNull()][object] $InputObject
    )

    # Only this one of a file that holds several.
    $only = $null
    $patterns = @($Path | Where-Object -FilterScript { $_ })
    $files = @($LiteralPath | Where-Object -FilterScript { $_ })
    if ($null -ne $InputObject) {
        $base = $InputObject.PSObject.BaseObject
        if ($base -is [System.IO.FileSystemInfo]) { $files = @($base.FullName) }
        elseif ($InputObject.PSObject.TypeNames -contains 'Kanade.DocumentCheck' -and $InputObject.Path) {
            $files = @($InputObject.Path)
            $only = $InputObject.Document
        }
        # No path has several lines, and no document has only one.
        elseif ($base -is [string] -and $base.Contains("`n")) {
            return ConvertTo-KanadeDocument -Text $base -Label "the $Kind" -ContentType 'application/yaml'
        } elseif ($base -is [string]) { $patterns = @($base) }
        else {
            try {
                $text = ConvertTo-KanadeDocumentText -Kind $Kind -InputObject $InputObject
            } catch {
                return $_
            }
            $etag = $null
            if ($null -ne $InputObject.PSObject.Properties['ETag']) { $etag = $InputObject.ETag }
            return ConvertTo-KanadeDocument -Text $text -Label "the $Kind" -ContentType 'application/json' -ETag $etag
        }
    }

    # A hidden file is meant by its own name only.
    foreach ($given in @($patterns | ForEach-Object -Process { @{ Path = $_ } }) + @($files | ForEach-Object -Process { @{ LiteralPath = $_; Force = $true } })) {
        $named = @($given['Path'], $given['LiteralPath'] | Where-Object -FilterScript { $_ })[0]
        # What is not there is said once, below.
        $found = @(Get-Item @given -ErrorAction Ignore | Where-Object -FilterScript { $_ -is [System.IO.FileSystemInfo] })
        $documents = @(foreach ($item in $found) {
                if ($item -is [System.IO.FileInfo]) { $item; continue }
                Get-ChildItem -LiteralPath $item.FullName -File -ErrorAction Ignore | Where-Object -FilterScript { $_.Extension -in '.yaml', '.yml', '.json' } | Sort-Object -Property Name
            })
        if ($documents.Count -eq 0) {
            $why = "There is no file '$named'."
            if ($found.Count -gt 0) { $why = "There is no .yaml, .yml or .json file in '$named'." }
            Get-KanadeErrorRecord -Code 'file_not_found' -Category ObjectNotFound -TargetObject $named -Message $why
        }
        foreach ($file in $documents) {
            $type = 'application/yaml'
            if ($file.Extension -eq '.json') { $type = 'application/json' }
            try {
                $text = (Read-KanadeTextFile -LiteralPath $file.FullName).TrimStart([char] 0xFEFF)
                ConvertTo-KanadeDocument -Text $text -Label $file.Name -ContentType $type -File $file | Where-Object -FilterScript { $null -eq $only -or $_.Document -eq $only }
            } catch {
                Get-KanadeErrorRecord -Code 'file_unreadable' -Category ReadError -TargetObject $file.FullName -InnerException $_.Exception -Message "$($file.FullName) cannot be read: $($_.Exception.GetBaseException().Message)"
            }
        }
    }
}

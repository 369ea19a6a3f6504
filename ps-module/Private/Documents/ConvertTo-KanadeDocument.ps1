# The documents of a text, each with what to call it in a message and where it lies. Document is its number when there are several.
function ConvertTo-KanadeDocument {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Text,
        [Parameter(Mandatory = $true)][string] $Label,
        [Parameter(Mandatory = $true)][ValidateSet('application/yaml', 'application/json')][string] $ContentType,
        [AllowNull()][System.IO.FileInfo] $File,
        [AllowNull()][object] $ETag
    )

    $texts = @($Text)
    if ($ContentType -eq 'application/yaml') { $texts = @(Split-KanadeYaml -Text $Text) }
    for ($n = 1; $n -le $texts.Count; $n++) {
        $number = $null
        $name = $Label
        if ($texts.Count -gt 1) {
            $number = $n
            $name = "$Label, document $n"
        }
        [pscustomobject] @{
            Path        = $(if ($null -ne $File) { $File.FullName })
            Document    = $number
            Label       = $name
            Folder      = $(if ($null -ne $File) { $File.DirectoryName })
            Text        = $texts[$n - 1]
            ContentType = $ContentType
            ETag        = $ETag
        }
    }
}

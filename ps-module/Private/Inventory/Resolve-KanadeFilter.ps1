# Conditions of an admin as the API writes them. A field that no PC has is refused: it would silently find nothing, or with
# -Absent every PC there is.
function Resolve-KanadeFilter {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [AllowEmptyCollection()][AllowEmptyString()][string[]] $Filter,
        [Parameter(Mandatory = $true)][string] $Section,
        # 'Has no such row'.
        [switch] $Absent
    )

    foreach ($text in $Filter) {
        $parts = ConvertFrom-KanadeFilter -Filter $text -Section $Section
        if ($parts.Absent) {
            throw (Get-KanadeErrorRecord -Code 'invalid_filter' -Category InvalidArgument -TargetObject $text -Message "'$text' begins with '!': say what PCs must not have with -Without.")
        }
        $known = Resolve-KanadeSection -Name $parts.Section
        $field = Select-KanadeName -Name $parts.Field -From $known.fields
        if (-not $field -and @($known.fields).Count -gt 0) {
            throw (Get-KanadeErrorRecord -Code 'unknown_field' -Category ObjectNotFound -TargetObject $text -Message (Get-KanadeFieldError -Filter $parts -Section $known.section -Field $known.fields))
        }
        if ($field) { $parts.Field = $field }
        $parts.Section = $known.section
        $parts.Absent = [bool] $Absent
        ConvertTo-KanadeCondition -Filter $parts
    }
}

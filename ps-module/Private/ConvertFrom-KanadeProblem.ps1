# A problem of RFC 9457 as an error; its faults lie in the exception's Data['Faults'] for whoever acts on them one by one.
# What is no problem document comes from something between here and the backend.
function ConvertFrom-KanadeProblem {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Answer,
        [Parameter(Mandatory = $true)][uri] $Uri
    )

    $problem = $null
    if ($Answer.MediaType -eq 'application/problem+json') {
        try {
            $problem = ConvertFrom-KanadeJson -Text ([System.Text.Encoding]::UTF8.GetString($Answer.Body))
        } catch {
            Write-Debug -Message "The problem of $Uri cannot be read: $_"
        }
    }
    if ($null -eq $problem) {
        $category = Get-KanadeErrorCategory -Status $Answer.Status
        return Get-KanadeErrorRecord -Code "http_$($Answer.Status)" -Category $category -TargetObject $Uri -Message "$Uri answered with status $($Answer.Status) and no reason that Kanade knows: is it the address of a Kanade backend?"
    }
    $category = Get-KanadeErrorCategory -Code $problem.code -Status $Answer.Status
    $record = Get-KanadeErrorRecord -Code $problem.code -Category $category -TargetObject $Uri -Message "$($problem.title): $($problem.detail)"
    $record.Exception.Data['Status'] = $Answer.Status
    $record.Exception.Data['RequestId'] = $problem.request_id
    if ($problem.PSObject.Properties['errors']) { $record.Exception.Data['Faults'] = @($problem.errors) }
    return $record
}

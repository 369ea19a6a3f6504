# An error of the backend, for tests that put the one function aside which speaks with it. Dot-source it in BeforeAll, after the module
# is imported: it is the module's own, so that it carries what a real one does.
function Refusal([string] $Code, [int] $Status = 422, [object[]] $Faults = @()) {
    $made = InModuleScope -ModuleName Kanade -Parameters @{ Code = $Code; Status = $Status } -ScriptBlock {
        param($Code, $Status)
        Get-KanadeErrorRecord -Code $Code -Message 'refused' -Category (Get-KanadeErrorCategory -Code $Code -Status $Status)
    }
    $made.Exception.Data['Status'] = $Status
    $made.Exception.Data['Faults'] = $Faults
    $made
}

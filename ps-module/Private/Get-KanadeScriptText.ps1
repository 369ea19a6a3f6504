# The text of a script block, and the values of its $using: variables as parameters. On the PC they are parameters of the
# script, so that no value is ever spliced into code; a param block goes on the first line, or what is there is extended, so
# that lines keep their numbers.
function Get-KanadeScriptText {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][scriptblock] $ScriptBlock,
        # Of whoever has called the command.
        [Parameter(Mandatory = $true)][System.Management.Automation.SessionState] $SessionState
    )

    # Parsed again: by its own tree a block has braces or not, and a function's parameters before them.
    $text = $ScriptBlock.ToString()
    $tokens = $null
    $faults = $null
    $ast = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref] $tokens, [ref] $faults)
    $values = @{}
    $edits = @()
    $usings = $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.UsingExpressionAst] }, $true)
    foreach ($using in $usings) {
        if (Test-KanadeUsingIsRemote -Ast $using -Root $ast) { continue }
        if ($using.Extent.Text -notmatch '^(?<sigil>[$@])(?:using:(?<name>\w+)(?!\w|:\w)|\{using:(?<name>\w+)\})') {
            throw (Get-KanadeErrorRecord -Code 'using_not_supported' -Category InvalidArgument -TargetObject $using.Extent.Text -Message "$($using.Extent.Text) cannot be passed on: put the value into a variable with a plain name, or use -Parameter.")
        }
        $length = $Matches[0].Length
        $name = $Matches['name']
        $parameter = "KanadeUsing_$name"
        if (-not $values.ContainsKey($parameter)) {
            $variable = $SessionState.PSVariable.Get($name)
            if ($null -eq $variable) {
                throw (Get-KanadeErrorRecord -Code 'using_not_found' -Category ObjectNotFound -TargetObject $name -Message "`$using:$name is used, and there is no variable `$$name here.")
            }
            $values[$parameter] = ConvertTo-KanadeJsonValue -Value $variable.Value -Name "`$using:$name"
        }
        # In braces: within a string what follows might belong to the name.
        if ($Matches['sigil'] -eq '@') { $new = "@$parameter" } else { $new = "`${$parameter}" }
        $edits += [pscustomobject] @{ At = $using.Extent.StartOffset; Length = $length; Text = $new }
    }
    if ($values.Count -gt 0) {
        $declared = (@($values.Keys | Sort-Object) | ForEach-Object -Process { "`$$_" }) -join ', '
        $block = $ast.ParamBlock
        if ($null -ne $block) {
            if ($block.Parameters.Count -gt 0) { $declared = ", $declared" }
            $edits += [pscustomobject] @{ At = $block.Extent.EndOffset - 1; Length = 0; Text = $declared }
        } else {
            $edits += [pscustomobject] @{ At = 0; Length = 0; Text = "param($declared)" }
        }
    }
    foreach ($edit in $edits | Sort-Object -Property At -Descending) {
        $text = $text.Remove($edit.At, $edit.Length).Insert($edit.At, $edit.Text)
    }
    return [pscustomobject] @{ Text = $text; Values = $values }
}

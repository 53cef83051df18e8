#!/bin/bash
# The workbench in real multiplexers, as it is used over SSH: drawn, resized, copied from, and the shell as it was
# when it is left. Each with a server of its own; what is missing is skipped.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
unset TMUX STY COLORTERM TERM_PROGRAM
cd "$tmp" || exit 1
"$assay" init >/dev/null
"$assay" run -n wide-漢字 -- true >/dev/null
"$assay" run -n plain-run -- true >/dev/null
mkdir -p "$XDG_CONFIG_HOME/assay"
printf '[terminal]\nclipboard = yes\n' >"$XDG_CONFIG_HOME/assay/config.ini"

# until_has TEXT COMMAND…: waits until the command's output has the text.
shows() {
    seen=$("${@:2}" 2>/dev/null)
    [[ $seen == *"$1"* ]]
}
until_has() {
    local text=$1
    await shows "$@" && return
    printf '# "%s" did not come; the last was:\n%s\n' "$text" "#   ${seen//$'\n'/$'\n#   '}"
    return 1
}

if command -v tmux >/dev/null; then
    copied() { t show-buffer 2>/dev/null | grep -q 'plain-run\|漢字'; }
    t() { tmux -S "$tmp/tmux" -f /dev/null "$@"; }
    t new-session -d -x 100 -y 30 "exec env PS1='prompt> ' bash --norc --noprofile -i" \; set -s set-clipboard on
    until_has 'prompt>' t capture-pane -p
    t send-keys "'$assay'" Enter
    until_has '? help' t capture-pane -p && t send-keys 2
    until_has 'plain-run' t capture-pane -p
    ok $? "tmux: the runs are drawn"
    like "$(t capture-pane -p)" 'wide-漢字 +✓ done' "tmux: wide characters"
    [[ $(t capture-pane -p) != *"\$y"* && $(t capture-pane -p) != *2026* ]]
    ok $? "tmux: its answers are not typed"
    is "$(t display -p '#{alternate_on} #{mouse_button_flag}#{mouse_any_flag}')" '1 11' "tmux: on its own screen, with the mouse"
    t resize-window -x 60 -y 15
    until_has '? help' t capture-pane -p
    ok $? "tmux: another size"
    t send-keys y
    until_has 'clipboard' t capture-pane -p
    await copied
    ok $? "tmux: what is copied is in its buffer"
    t send-keys q
    until_has '0 00' t display -p '#{alternate_on} #{mouse_button_flag}#{mouse_any_flag}'
    is "$(t display -p '#{alternate_on} #{mouse_button_flag}#{mouse_any_flag} #{cursor_flag}')" '0 00 1' "tmux: everything is switched off again"
    t send-keys 'stty -a' Enter
    until_has ' echo ' t capture-pane -p
    like "$seen" 'icanon.*[^-]echo' "tmux: and the shell has its terminal back"
    t kill-server
else
    for i in 1 2 3 4 5 6 7 8; do skip "tmux: $i" "no tmux"; done
fi

if command -v screen >/dev/null; then
    mkdir -m 700 "$tmp/screens"
    export SCREENDIR=$tmp/screens
    s() { screen -S assay-test "$@"; }
    picture() { rm -f "$tmp/hard"; s -X hardcopy "$tmp/hard" && sleep 0.05 && cat "$tmp/hard"; }
    PS1='prompt> ' s -c /dev/null -U -d -m bash --norc --noprofile -i
    until_has 'prompt>' picture
    s -X stuff "'$assay'^M"
    until_has '? help' picture && s -X stuff '2'
    until_has 'plain-run' picture
    ok $? "screen: the runs are drawn"
    [[ $seen != *"\$p"* && $seen != *2026* ]]
    ok $? "screen: no question is shown"
    s -X stuff 'q'
    until_has 'prompt>' picture
    s -X stuff 'stty -a^M'
    until_has ' echo ' picture
    ok $? "screen: the shell has its terminal back"
    s -X quit
else
    for i in 1 2 3; do skip "screen: $i" "no GNU screen"; done
fi
plan

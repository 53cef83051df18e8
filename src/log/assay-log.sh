# The reporting functions for POSIX shells, beside <assay/log.h> for C:
#
#     . "$(pkg-config --variable=shell assay-log)"
#     assay_param rate 0.1
#     assay_metric loss 0.31 120
#
# Each call appends one line to a file of this shell in the folder $ASSAY_EVENTS; where that is not set it does nothing.
# They return 0; 1 when the line could not be written, 2 when what was given cannot be said (with a message).
# shellcheck shell=sh

# As a JSON string. What needs no care costs no process.
_assay_quote() {
	case $1 in
	*[!A-Za-z0-9_./:@%+,=' '-]*)
		printf '%s' "$1" | LC_ALL=C awk 'BEGIN { printf "\"" } NR > 1 { printf "\\n" } {
			gsub(/[\\"]/, "\\\\&"); gsub(/\t/, "\\t"); gsub(/\r/, "\\r"); gsub(/[\001-\037]/, " "); printf "%s", $0
		} END { printf "\"" }'
		;;
	*) printf '"%s"' "$1" ;;
	esac
}

_assay_say() {
	[ -n "${ASSAY_EVENTS:-}" ] || return 0
	# A disk that was full may have taken a part of the line before: this one begins anew.
	printf '%s%s\n' "${_assay_torn:-}" "$1" >>"$ASSAY_EVENTS/events-sh-$$.jsonl" || {
		_assay_torn='
'
		return 1
	}
	_assay_torn=
}

_assay_is_number() { # a sign, digits with one point at most, an exponent
	_assay_digits=${1#[+-]}
	case $_assay_digits in
	*[eE]*)
		_assay_power=${_assay_digits#*[eE]}
		_assay_digits=${_assay_digits%%[eE]*}
		case ${_assay_power#[+-]} in '' | *[!0-9]*) return 1 ;; esac
		;;
	esac
	case $_assay_digits in '' | *. | *[!0-9.]* | *.*.*) return 1 ;; esac
}

# Of "-007" JSON has "-7".
_assay_plain() {
	_assay_sign='' _assay_rest=$1
	case $1 in -*) _assay_sign=- _assay_rest=${1#-} ;; +*) _assay_rest=${1#+} ;; esac
	while :; do case $_assay_rest in 0[0-9]*) _assay_rest=${_assay_rest#0} ;; *) break ;; esac; done
	case $_assay_rest in .*) _assay_rest=0$_assay_rest ;; esac
	echo "$_assay_sign$_assay_rest"
}

_assay_number() { # what for, text: as JSON has it
	case $2 in
	nan | NaN | NAN) echo NaN; return ;;
	inf | +inf | Inf | Infinity) echo Infinity; return ;;
	-inf | -Inf | -Infinity) echo -Infinity; return ;;
	esac
	_assay_is_number "$2" || { echo "assay: $1 wants a number, not \"$2\"" >&2; return 2; }
	_assay_plain "$2"
}

assay_metric() { # NAME VALUE [STEP [CONTEXT]]
	_assay_value=$(_assay_number assay_metric "${2:-}") || return 2
	_assay_line="{\"metric\":$(_assay_quote "$1"),\"value\":$_assay_value"
	case ${3:-} in
	'') ;;
	- | *[!0-9-]* | ?*-*) echo "assay: assay_metric wants a whole step, not \"$3\"" >&2; return 2 ;;
	0[0-9]* | -0[0-9]*) _assay_line="$_assay_line,\"step\":$(_assay_plain "$3")" ;;
	*) _assay_line="$_assay_line,\"step\":$3" ;;
	esac
	[ -z "${4:-}" ] || _assay_line="$_assay_line,\"context\":$(_assay_quote "$4")"
	_assay_say "$_assay_line}"
}
assay_param() { _assay_say "{\"param\":$(_assay_quote "$1"),\"value\":$(_assay_quote "$2")}"; } # NAME VALUE
assay_tag() { _assay_say "{\"tag\":$(_assay_quote "$1"),\"value\":$(_assay_quote "$2")}"; }     # NAME VALUE
assay_artifact() { _assay_say "{\"artifact\":$(_assay_quote "$1")}"; }                          # PATH
assay_dataset() { _assay_say "{\"dataset\":$(_assay_quote "$1"),\"role\":$(_assay_quote "${2:-data}")}"; } # PATH [ROLE]
assay_note() { _assay_say "{\"note\":$(_assay_quote "$1")}"; }                                  # TEXT
assay_progress() { # 0 to 1
	_assay_value=$(_assay_number assay_progress "${1:-}") || return 2
	_assay_say "{\"progress\":$_assay_value}"
}

#!/bin/sh
# One reader of the duckdb shell; prints the same line as polling.py. Arguments: SHELL FILE STOP QUERY.
reads=0; mixed=0; failed=0; versions=""; first_error=""
while [ ! -e "$3" ]; do
  if answer=$("$1" -readonly -csv -noheader "$2" "$4; $4" 2>&1); then
    reads=$((reads + 1))
    [ "$(printf '%s' "$answer" | tr ',' '\n' | sort -u | wc -l)" -eq 1 ] || mixed=$((mixed + 1))
    versions="$versions
${answer%%,*}"
  else
    failed=$((failed + 1)); first_error=$(printf '%s' "$answer" | head -1 | tr -d '"\\')
  fi
done
seen=$(printf '%s\n' "$versions" | sort -u | grep -c .)
printf '{"client": "duckdb %s", "reads": %d, "versions": %d, "mixed": %d, "errors": ["%s"], "failed": %d}\n' "$("$1" -version | cut -d " " -f 1)" "$reads" "$seen" "$mixed" "$first_error" "$failed"

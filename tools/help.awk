# Prints a Makefile's targets under its "##@ Heading" lines, each with the text after "##" on its rule or on a
# "##> target: text" line.
BEGIN { printf "Usage: make TARGET [ARGS=…]\n" }
/^##@ / { printf "\n%s\n", substr($0, 5); next }
/^##> / { line = substr($0, 5); at = index(line, ":"); row(substr(line, 1, at - 1), substr(line, at + 2)); next }
/^[a-z-]+:.*## / { name = $0; sub(/:.*/, "", name); text = $0; sub(/.*## /, "", text); row(name, text) }
function row(name, text) { printf "  %-18s %s\n", name, text }

#!/bin/sh
# Checks of the core that need a build of their own. Results go to build/core/.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
core=$root/targets/core
build=$root/build/core
python=${PYTHON:-$root/.venv/bin/python}

usage() {
	cat <<EOF
usage: targets/core/check.sh COMMAND

  sanitize [N]   the core suite, N tests at once, on an extension built with AddressSanitizer and UBSan
  fuzz SECONDS   libFuzzer (clang) on blocks, operations, instructions and payloads, for that long
  bench          nanoseconds of each decision; wants a quiet machine
  analyze        gcc's static analyzer over core, extension and checks, with all warnings
EOF
}

# The headers of the Python that will load the extension.
python_include() {
	"$python" -c 'import sysconfig; print(sysconfig.get_path("include"))'
}

# A block without a conflict, of two partitions.
write_block() {
	(cd "$root" && "$python" -c '
import sys
from suites.core.plans import TWINS
sys.stdout.buffer.write(TWINS.pack())')
}

# What the fuzzer begins with: a block that is accepted, with operations on it, instructions, and payloads.
write_seeds() {
	(cd "$root" && "$python" -c '
import sys
from pathlib import Path
from random import Random
from suites.core.executables import SEEDS
from suites.core.plans import LEGACY, TWINS, ZERO
for number, file in enumerate(SEEDS):
    Path(sys.argv[1], f"payload-{number}").write_bytes(b"P" + bytes((min(number, 1), number)) + file)
for number in range(8):
    rest, plan = Random(number).randbytes(4096), (TWINS, ZERO, LEGACY)[number % 3]
    Path(sys.argv[1], f"block-{number}").write_bytes(b"B" + plan.pack() + rest)
    Path(sys.argv[1], f"instruction-{number}").write_bytes(b"I" + rest[:600])' "$build/corpus")
}

sanitize() {
	workers=${1:-1}
	mkdir -p "$build/sanitize"
	gcc -shared -fPIC -std=c11 -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
		-Wall -Wextra -Werror -I"$core" -isystem "$(python_include)" \
		"$core"/*.c "$core"/extension/*.c -o "$build/sanitize/mrm_core.so"
	cd "$root"
	# Not Python's own leaks; and its allocator must be one that the sanitizer sees.
	export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
	export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
	# Nor does the other extension, which lies in the root, come first for any of the workers.
	export PYTHONMALLOC=malloc PYTHONPATH="$build/sanitize" PYTHONSAFEPATH=1
	"$python" -c 'import mrm_core, sys; sys.exit("sanitize" not in mrm_core.__file__)'
	# -p loads the sanitized module before pytest finds the other one. Capstone refuses to be loaded beside the
	# sanitizer: the decoder is left to the fuzzer
	"$python" -m pytest -q -n "$workers" -p mrm_core -p no:cacheprovider suites/core \
		--ignore suites/core/test_decode.py
}

fuzz() {
	seconds=${1:?"fuzz: for how many seconds?"}
	mkdir -p "$build/corpus" "$build/findings"
	clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-Wall -Wextra -Werror -I"$core" "$core"/*.c "$core"/check/fuzz*.c -o "$build/fuzz"
	write_seeds
	# inputs get as long as the longest seed: a block that is accepted, and operations on it
	"$build/fuzz" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$build/findings/" "$build/corpus"
}

bench() {
	mkdir -p "$build"
	gcc -std=gnu11 -O2 -Wall -Wextra -Werror -I"$core" "$core"/*.c "$core/check/bench.c" -o "$build/bench"
	write_block | "$build/bench"
}

analyze() {
	include=$(python_include)
	for file in "$core"/*.c; do
		gcc -std=c11 -O2 -ffreestanding -mgeneral-regs-only -mno-red-zone -Wall -Wextra -Wconversion \
			-fanalyzer -Werror -c "$file" -o /dev/null
	done
	for file in "$core"/extension/*.c "$core"/check/*.c; do
		gcc -std=gnu11 -O2 -fPIC -Wall -Wextra -fanalyzer -Werror -I"$core" -isystem "$include" -c "$file" \
			-o /dev/null
	done
	echo "analyze: nothing found"
}

case ${1:-} in
sanitize | fuzz) "$1" "${2:-}" ;;
bench | analyze) "$1" ;;
*)
	usage
	exit 2
	;;
esac

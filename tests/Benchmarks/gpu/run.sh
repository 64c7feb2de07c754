#!/usr/bin/env bash
# Runs on a bare machine what pack.sh packed. Each part can be asked for alone:
#   run.sh check                              builds the native library and compares training on the GPU with training on the CPU
#   run.sh table PEER.py FOLDER [ARGS]        the table beside the peer on the same GPU; ARGS as of ./build.sh bench (--only, --rounds, --json)
#   run.sh cifar ARCHIVE [EPOCHS] [ARGS]      SimCLR on CIFAR-10, ResNet-18 with the small stem, batch 128: kNN and minutes
# PYTHON (python3) names the Python whose PyTorch is used; LIBTORCH its folder, where it is not to be asked.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}

build() {
    local torch=${LIBTORCH:-$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')}
    # Debian's package has its headers elsewhere, where CMake looks by itself.
    [ -d "$torch/include/ATen" ] || torch=
    cmake -S "$here/native" -B "$here/build" -DCMAKE_BUILD_TYPE=Release ${torch:+-DLIBTORCH="$torch"} >"$here/build.log" 2>&1 &&
        cmake --build "$here/build" --parallel >>"$here/build.log" 2>&1 || { cat "$here/build.log" >&2; exit 1; }
    grep -A 6 "CMake Warning" "$here/build.log" >&2 || true
    cp "$here/build/libs3l_torch.so" "$here/app/"
}

usage() { sed -n '2,7s/^# \{0,1\}//p' "$here/run.sh"; }

case "${1:-}" in
    check) build; "$here/app/Benchmarks" device ;;
    table)
        [ $# -ge 3 ] || { usage >&2; exit 2; }
        build
        "$here/app/Benchmarks" --python "$python" --pretrain "$here/app/Pretrain" --peer "$2" --data "$3" "${@:4}" ;;
    cifar)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        build
        # The settings of the published table that methods are compared by: temperature 0.5, rate 0.06 and weight decay 5e-4 at batch 128, no
        # warm-up, 200 neighbours. A run that was ended goes on when it is started again.
        "$here/app/Pretrain" --data "$2" --train train --test test --method simclr --published --stem small --batch 128 --lr 0.06 \
            --warmup-epochs 0 --resolutions "32x${3:-200}" --knn-k 200 --out "$here/cifar" --checkpoint-every 5000 --resume "${@:4}" ;;
    -h|--help) usage ;;
    *) usage >&2; exit 2 ;;
esac

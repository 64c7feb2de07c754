#!/usr/bin/env bash
# Sets up, builds, tests, demonstrates and packs S3L.Core. Each target does the set-up it needs.
#
#   ./build.sh setup               install what is missing (Debian and Ubuntu), or say what to install
#   ./build.sh build [ARGS]        build everything
#   ./build.sh test  [ARGS]        run all tests, and pack
#   ./build.sh demo                pretrain on synthetic pictures; writes artifacts/demo.json
#   ./build.sh pack  [ARGS]        pack into artifacts/packages
#   ./build.sh bench [ARGS]        run the benchmarks
#   ./build.sh clean               remove what was built
#
# ARGS go to dotnet, such as -p:TorchEngine=TorchSharp. LIBTORCH=FOLDER selects a libtorch with include/ and lib/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
readonly CONFIGURATION=Release

# A libtorch of the user's brings its own BLAS; Debian's needs OpenBLAS, without which products are thirty times slower. Where a library has another
# name on Ubuntu or in a later release, both are given.
packages=(libturbojpeg0/libturbojpeg libpng16-16/libpng16-16t64 libwebp7 g++ cmake)
[[ -n "${LIBTORCH:-}" ]] || packages=(libtorch-dev libgloo-dev libopenblas0-openmp "${packages[@]}")

is_installed() {
    local name
    for name in ${1//// }; do
        if [[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" == installed ]]; then return 0; fi
    done
    return 1
}

# The first of some names that this system's packages have.
available() {
    local name
    for name in ${1//// }; do
        if apt-cache show "$name" >/dev/null 2>&1; then echo "$name"; return; fi
    done
    echo "${1%%/*}"
}

setup() {
    command -v dotnet >/dev/null || { echo "build.sh: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2; exit 1; }
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        setup_elsewhere
        return
    fi

    local missing=() package
    for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
    if ((${#missing[@]} == 0)); then return; fi
    local root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || { echo "build.sh: install these as root: ${missing[*]}" >&2; exit 1; }
        root=(sudo)
    fi

    echo "build.sh: installing ${missing[*]}"
    "${root[@]}" apt-get update -qq
    local wanted=()
    for package in "${missing[@]}"; do wanted+=("$(available "$package")"); done
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
}

setup_elsewhere() {
    local missing=() tool
    for tool in g++ cmake; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    [[ -n "${LIBTORCH:-}" || -e /usr/include/torch/csrc/api/include/torch/version.h ]] || missing+=("libtorch")
    if ((${#missing[@]} == 0)); then return; fi
    cat >&2 <<TEXT
build.sh: this system has no apt-get, so please install by its own means: ${missing[*]}
  g++ 12 or newer and CMake 3.18 or newer
  libtorch 1.13 or newer with headers; then LIBTORCH=FOLDER ./build.sh … where FOLDER holds include/ and lib/
    (the folder 'torch' inside an installed PyTorch wheel is one)
  libturbojpeg, libpng 1.6 and libwebp at run time
On Windows and macOS use the TorchSharp engine instead, which needs none of this: docs/engines.md
TEXT
    exit 1
}

pack() {
    setup
    if [[ "$(uname)" == Linux ]]; then dotnet pack S3L.Core.sln -c "$CONFIGURATION" -o artifacts/packages "$@" -p:TorchEngine=LibTorch; fi
    pack_torchsharp "$@"
}

# The same sources for the other engine, in folders of their own so that neither build undoes the other's.
pack_torchsharp() {
    local project=src/S3L.Core/S3L.Core.csproj log
    local args=("$@" -p:TorchEngine=TorchSharp -p:BaseIntermediateOutputPath=obj/TorchSharp/ -p:BaseOutputPath=bin/TorchSharp/)
    if ! log=$(dotnet restore "$project" "${args[@]}" 2>&1); then
        # No source has the package (NU1101 to NU1103), or none can be reached (NU1301).
        if [[ ! "$log" =~ error\ (NU110[1-3]|NU1301):\ ([^$'\n']*) ]]; then
            echo "$log" >&2
            return 1
        fi
        echo "build.sh: S3L.Core.TorchSharp is left out: ${BASH_REMATCH[2]}"
        echo "  With -p:TorchSharpPath=FOLDER and -p:ImageSharpPath=FOLDER it is built against the assemblies in these folders."
        return
    fi
    dotnet pack "$project" -c "$CONFIGURATION" -o artifacts/packages --no-restore "${args[@]}"
}

target="${1:-}"
[[ $# -gt 0 ]] && shift
case "$target" in
    setup) setup ;;
    build) setup; dotnet build S3L.Core.sln -c "$CONFIGURATION" "$@" ;;
    test)
        # Packing first: it builds the packages' engines, the tests those of ARGS.
        pack "$@"
        dotnet build S3L.Core.sln -c "$CONFIGURATION" "$@"
        dotnet test --solution S3L.Core.sln -c "$CONFIGURATION" --no-build --max-parallel-test-modules 1 "$@"
        ;;
    demo)
        setup
        dotnet run -c "$CONFIGURATION" --project samples/Pretrain -- --data synthetic --resolutions "${DEMO_RESOLUTIONS:-32x20}" --stages 3 --json artifacts/demo.json "$@"
        ;;
    pack) pack "$@" ;;
    bench) setup; dotnet run -c "$CONFIGURATION" --project tests/Benchmarks -- "$@" ;;
    clean)
        find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -prune -exec rm -rf {} +
        find artifacts -mindepth 1 -not -path artifacts/packages -not -name .gitkeep -delete
        ;;
    *) sed -n '2,13p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac

#!/usr/bin/env bash
# Packs what a bare Linux machine needs that has a CUDA GPU, a PyTorch wheel, g++ and CMake, but no .NET:
#   tests/Benchmarks/gpu/pack.sh KIT.tar.gz [FILE...]
# FILEs (a peer's script, archives of pictures) are put beside the programs. There: tar xzf KIT.tar.gz && kit/run.sh --help
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 KIT.tar.gz [FILE...]" >&2; exit 2; }
root=$(cd "$(dirname "$0")/../../.." && pwd)
kit=$(realpath -m "$1"); shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/kit/app" "$work/kit/native" "$(dirname "$kit")"

for project in samples/Pretrain tests/Benchmarks; do
    # In folders of its own, so that no other build's files are changed.
    dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained --artifacts-path "$work/artifacts" -o "$work/kit/app" --nologo -v quiet
done
# Built there, against the libtorch that is there.
rm -f "$work"/kit/app/libs3l_torch.so "$work"/kit/app/*.{xml,pdb}
cp "$root"/src/S3L.Torch/native/{CMakeLists.txt,*.cpp,*.h} "$work/kit/native/"
# The decoders of pictures, which a bare machine may lack; loaders look beside the program first.
for library in libturbojpeg.so.0 libpng16.so.16 libwebp.so.7; do
    path=$(ldconfig -p | awk -v name="$library" '$1 == name && !found { print $NF; found = 1 }')
    [ -n "$path" ] || { echo "$library was not found. Run ./build.sh setup." >&2; exit 1; }
    cp "$(realpath "$path")" "$work/kit/app/$library"
done
cp "$root/tests/Benchmarks/gpu/run.sh" "$work/kit/"
[ $# -eq 0 ] || cp "$@" "$work/kit/"
tar -C "$work" -czf "$kit" kit
echo "$kit: $(du -h "$kit" | cut -f1)"

#!/usr/bin/env bash
# Builds S3L.Core, samples and tests for the TorchSharp engine against stand-ins for TorchSharp and ImageSharp, so that it needs neither
# package, and runs the tests that tell the engines apart. `all` runs every test instead, with the system's decoders.
#
#   eng/check-torchsharp.sh [all]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
OUT=$PWD/artifacts/torchsharp
STAND_INS=$OUT/bin
readonly TESTS=$OUT/bin/S3L.Core.Tests/release/S3L.Core.Tests

build() { dotnet build "$@" -c Release --artifacts-path "$OUT" -nologo -v quiet; }
for_torchsharp() { build "$1" -p:TorchEngine=TorchSharp -p:TorchSharpPath="$STAND_INS/TorchSharpStandIn/release" "${@:2}"; }

build eng/TorchSharpStandIn
if [[ "${1:-}" == all ]]; then
    for_torchsharp tests/S3L.Core.Tests -p:ImageCodec=Native
    exec "$TESTS" -namespace- S3L.Core.Tests.Samples
fi

build eng/ImageSharpStandIn

# TorchSharp has overloads beside those that are mirrored: with them, no call may become ambiguous. They have no code, so nothing is run here.
build eng/TorchSharpOverloads
dotnet "$OUT/bin/TorchSharpOverloads/release/TorchSharpOverloads.dll" "$STAND_INS/TorchSharpStandIn/release/TorchSharp.dll" \
    tests/S3L.Torch.Tests/torchsharp-api.txt "$OUT/Overloads.cs"
(
    images=$STAND_INS/ImageSharpStandIn/release overloads=$OUT/Overloads.cs
    OUT=$OUT/overloads
    STAND_INS=$OUT/bin
    build eng/TorchSharpStandIn -p:OverloadsFile="$overloads"
    for_torchsharp src/S3L.Core -p:ImageSharpPath="$images"
)

for_torchsharp eng/TorchSharp.slnf -p:ImageSharpPath="$STAND_INS/ImageSharpStandIn/release"
"$TESTS" -class 'S3L.Core.Tests.Engine.*' -class 'S3L.Core.Tests.PublicApi.*' -class S3L.Core.Tests.Data.ImageSharpSurfaceTests \
    -class S3L.Core.Tests.Optimizers.SgdSettingsTests -class S3L.Core.Tests.Methods.ByolTests

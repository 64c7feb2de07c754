using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class GridLevelsTests
{
    [Theory]
    [InlineData(224, 112, new[] { 224 })]
    [InlineData(224, 56, new[] { 224, 112 })]
    [InlineData(224, 57, new[] { 224 })]
    [InlineData(224, 28, new[] { 224, 112, 56 })]
    [InlineData(258, 56, new[] { 258, 129 })]
    [InlineData(258, 16, new[] { 258, 129 })]
    [InlineData(129, 1, new[] { 129 })]
    [InlineData(8, 1, new[] { 8, 4, 2 })]
    [InlineData(1, 1, new[] { 1 })]
    [InlineData(int.MaxValue - 1, int.MaxValue, new[] { int.MaxValue - 1 })]
    public void A_grid_is_halved_while_it_is_even_and_serves_the_lowest_resolution(int gridSize, int lowest, int[] sizes) =>
        Assert.Equal(sizes, GridLevels.Sizes(gridSize, lowest));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(28, 2)]
    [InlineData(29, 1)]
    [InlineData(56, 1)]
    [InlineData(57, 0)]
    [InlineData(112, 0)]
    [InlineData(2000, 0)]
    public void The_coarsest_level_of_twice_the_resolution_is_chosen(int resolution, int level) =>
        Assert.Equal(level, GridLevels.Choose([224, 112, 56], resolution));

    [Fact]
    public void What_is_chosen_is_what_the_levels_were_made_for()
    {
        foreach (int gridSize in Enumerable.Range(1, 300))
        {
            foreach (int resolution in Enumerable.Range(1, 160))
            {
                IReadOnlyList<int> sizes = GridLevels.Sizes(gridSize, resolution);
                Assert.Equal(sizes.Count - 1, GridLevels.Choose(sizes, resolution));
                Assert.True(sizes.Count == 1 || sizes[^1] >= 2 * resolution);
            }
        }
    }

    [Fact]
    public void Refuses_what_is_no_size()
    {
        Assert.Equal("gridSize must be at least 1. (Parameter 'gridSize')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => GridLevels.Sizes(0, 1)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("lowestResolution must be at least 1. (Parameter 'lowestResolution')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => GridLevels.Sizes(1, 0)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("resolution must be at least 1. (Parameter 'resolution')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() => GridLevels.Choose([1], 0)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("sizes must hold at least one element and no null, but is []. (Parameter 'sizes')",
            Assert.Throws<ArgumentException>(() => GridLevels.Choose([], 1)).Message);
    }
}

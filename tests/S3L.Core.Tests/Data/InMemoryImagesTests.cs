using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class InMemoryImagesTests
{
    private static readonly RgbImage s_black = new(1, 1, [0, 0, 0]), s_white = new(1, 1, [255, 255, 255]);

    [Fact]
    public void Gives_back_pictures_labels_and_names()
    {
        var images = new InMemoryImages([s_black, s_white], [1, 0], ["light", "dark"]);
        Assert.Equal(2, images.Count);
        Assert.Equal(["light", "dark"], images.ClassNames);
        Assert.Equal((1, 0), (images.GetLabel(0), images.GetLabel(1)));
        Assert.Same(s_white, images.Load(1));
        Assert.Same(s_black, images.Load(0, minimumSide: 5));
        Assert.Equal("picture 1", images.GetName(1));
    }

    [Fact]
    public void Names_classes_by_their_number_where_no_names_are_given() =>
        Assert.Equal(["0", "1", "2"], new InMemoryImages([s_black, s_white], [2, 0]).ClassNames);

    [Fact]
    public void Does_not_follow_later_changes_of_the_lists()
    {
        var list = new List<RgbImage> { s_black };
        var images = new InMemoryImages(list);
        list[0] = s_white;
        Assert.Same(s_black, images.Load(0));
    }

    [Fact]
    public void Has_no_labels_where_none_are_given()
    {
        var images = new InMemoryImages([s_black]);
        Assert.Empty(images.ClassNames);
        var error = Assert.Throws<InvalidOperationException>(() => images.GetLabel(0));
        Assert.Equal("These pictures have no labels: none were given to InMemoryImages.", error.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Refuses_indices_of_no_picture(int index)
    {
        var images = new InMemoryImages([s_black], [0]);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.Load(index)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetLabel(index)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetName(index)).ParamName);
    }

    [Fact]
    public void Refuses_what_does_not_fit_together()
    {
        static string Refusal(Func<object> make) => Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.Equal("images must hold at least one picture, but is empty. (Parameter 'images')", Refusal(() => new InMemoryImages([])));
        Assert.Equal(
            "images must not hold null, but does at index 1. (Parameter 'images')", Refusal(() => new InMemoryImages([s_black, null!])));
        Assert.Equal(
            "labels must hold one label for each of 1 pictures, but holds 2. (Parameter 'labels')",
            Refusal(() => new InMemoryImages([s_black], [0, 1])));
        Assert.Equal("labels must be 0 or above, but one is -1. (Parameter 'labels')", Refusal(() => new InMemoryImages([s_black], [-1])));
        Assert.Equal(
            "classNames must name every label up to 2, so hold at least 3, but holds 1. (Parameter 'classNames')",
            Refusal(() => new InMemoryImages([s_black], [2], ["a"])));
        Assert.Equal(
            "classNames must be absent where labels are, but holds 1 names. (Parameter 'classNames')",
            Refusal(() => new InMemoryImages([s_black], null, ["a"])));
    }
}

namespace S3L.Torch.Tests.Beyond;

public sealed class RecordingTests
{
    [Fact]
    public void Does_recorded_work_again_with_what_its_inputs_hold_by_then()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var recording = new Recording(torch.CPU);
        torch.Tensor input = torch.tensor([1f, 2f]), places = torch.tensor([1L]), table = torch.zeros([3, 2]);
        torch.Tensor? sum = null, row = null;

        recording.Record(() =>
        {
            sum = (input * 3).add_(1).sum();
            row = table.select(0, 2);
            row.add_(input);
            table.index_copy_(0, places, input.unsqueeze(0));
        });
        Assert.Equal([11f], sum!.Floats());
        input.copy_(torch.tensor([5f, -1f]));
        places.fill_(0);
        recording.Replay();

        Assert.Equal([14f], sum!.Floats());
        Assert.Equal([6f, 1f], row!.Floats());
        Assert.Equal([5f, -1f, 1f, 2f, 6f, 1f], table.Floats());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Training_steps_replayed_equal_training_steps_done_anew(bool autocast)
    {
        float[] anew = Train(autocast, replay: false), replayed = Train(autocast, replay: true);
        Assert.Equal(anew, replayed);
        Assert.Equal(anew.Length, anew.Distinct().Count());
    }

    [Fact]
    public void Numbers_of_the_program_stay_as_they_were()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var recording = new Recording(torch.CPU);
        torch.Tensor counter = torch.zeros([1]);
        float step = 1;
        recording.Record(() => counter.add_(step++));
        recording.Replay();
        recording.Replay();
        Assert.Equal([3f], counter.Floats());
        Assert.Equal(2, step);
    }

    [Fact]
    public void Random_numbers_go_on()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var recording = new Recording(torch.CPU);
        torch.Tensor? drawn = null;
        using var generator = new torch.Generator(4, torch.CPU);
        float[][] expected = [.. Enumerable.Range(0, 3).Select(_ => torch.rand([3], generator: generator).Floats())];
        generator.manual_seed(4);
        recording.Record(() => drawn = torch.rand([3], generator: generator));
        Assert.Equal(expected[0], drawn!.Floats());
        recording.Replay();
        Assert.Equal(expected[1], drawn!.Floats());
        recording.Replay();
        Assert.Equal(expected[2], drawn!.Floats());
    }

    [Fact]
    public void A_rehearsal_records_nothing_and_a_second_recording_replaces_the_first()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var recording = new Recording(torch.CPU);
        torch.Tensor counter = torch.zeros([1]);
        recording.Rehearse(() => counter.add_(100));
        Assert.False(Recording.IsUnderWay);
        Assert.Equal("Record must be called before Replay.", Assert.Throws<InvalidOperationException>(recording.Replay).Message);
        recording.Record(() => counter.add_(Recording.IsUnderWay ? 10 : 1000));
        recording.Record(() => counter.add_(1));
        recording.Replay();
        Assert.Equal([112f], counter.Floats());
    }

    [Fact]
    public void A_rehearsal_that_fails_leaves_nothing_to_replay()
    {
        using var recording = new Recording(torch.CPU);
        using torch.Tensor counter = torch.zeros([1]);
        recording.Record(() => counter.add_(1));
        Assert.Throws<InvalidDataException>(() => recording.Rehearse(() => throw new InvalidDataException()));
        Assert.Throws<InvalidOperationException>(recording.Replay);
        Assert.Equal([1f], counter.Floats());
    }

    [Fact]
    public void Casts_are_those_of_the_recording()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var recording = new Recording(torch.CPU);
        torch.Tensor left = torch.randn(4, 4), right = torch.randn(4, 4);
        torch.Tensor? product = null;
        recording.Record(() => product = left.matmul(right));
        float[] exact = product!.Floats();
        product!.zero_();
        using (torch.autocast(DeviceType.CPU, torch.bfloat16)) recording.Replay();
        Assert.Equal(exact, product.Floats());
    }

    [Fact]
    public async Task Threads_record_beside_each_other()
    {
        using Recording one = new(torch.CPU), two = new(torch.CPU);
        using torch.Tensor first = torch.zeros([1]), second = torch.zeros([1]);
        using ManualResetEventSlim begun = new(), done = new();
        Task beside = Task.Run(() => one.Record(() =>
        {
            begun.Set();
            done.Wait();
            first.add_(1);
        }));
        begun.Wait();
        try
        {
            two.Record(() => second.add_(5));
        }
        finally
        {
            done.Set();
            await beside;
        }

        one.Replay();
        Assert.Equal(2, first.ToSingle());
        Assert.Equal(5, second.ToSingle());
    }

    [Fact]
    public void Refuses_work_in_which_the_host_waits_or_writes_and_goes_on_as_before()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var recording = new Recording(torch.CPU);
        torch.Tensor numbers = torch.ones([3]);
        Assert.Contains("aten::nonzero cannot be recorded: the host would wait for its result", Refusal(() => numbers.nonzero()));
        Assert.Contains("numbers cannot be recorded that the host reads or writes", Refusal(() => numbers.Floats()));
        Assert.Contains("numbers cannot be recorded that the host reads or writes", Refusal(() => torch.tensor([1f])));
        Assert.Contains("this thread's work is being recorded already", Refusal(() => recording.Record(() => numbers.add_(1))));
        Assert.Throws<InvalidOperationException>(recording.Replay);
        Assert.Equal([1f, 1f, 1f], numbers.Floats());

        string Refusal(Action work) => Assert.Throws<TorchException>(() => recording.Record(work)).Message;
    }

    [Fact]
    public void Refuses_nothing_in_the_place_of_a_device_or_of_work()
    {
        Assert.Equal("device", Assert.Throws<ArgumentNullException>(() => new Recording(null!)).ParamName);
        using var recording = new Recording(torch.CPU);
        Assert.Equal("work", Assert.Throws<ArgumentNullException>(() => recording.Record(null!)).ParamName);
        Assert.Equal("work", Assert.Throws<ArgumentNullException>(() => recording.Rehearse(null!)).ParamName);
    }

    // Convolution, normalisation, pooling, product; momentum and rate come from outside of the recorded work.
    private static float[] Train(bool autocast, bool replay)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        using torch.nn.Module<torch.Tensor, torch.Tensor> network = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, padding: 1, bias: false), torch.nn.BatchNorm2d(8), torch.nn.ReLU());
        using torch.nn.Module<torch.Tensor, torch.Tensor> head = torch.nn.Linear(8 * 36, 4);
        Modules.Parameter[] weights = [.. network.parameters(), .. head.parameters()];
        torch.Tensor[] momenta = [.. weights.Select(w => w.zeros_like())];
        torch.Tensor images = torch.empty([5, 3, 6, 6]);
        torch.Tensor? loss = null;
        using var recording = new Recording(torch.CPU);
        var losses = new float[6];
        for (int step = 0; step < losses.Length; step++)
        {
            images.normal_();
            if (!replay || step < 2) recording.Rehearse(Pass);
            else if (step == 2) recording.Record(Pass);
            else recording.Replay();
            losses[step] = loss!.ToSingle();
            using (torch.no_grad())
            {
                using torch.Tensor rate = torch.full([], 0.1 / (step + 1), torch.float64);
                torch.foreach_.descend_(weights, [.. weights.Select(w => w.grad!)], momenta, rate, 0.9, 0.01, false);
            }
        }

        return losses;

        void Pass()
        {
            foreach (Modules.Parameter weight in weights) weight.grad = null;
            torch.Tensor rows;
            using (autocast ? torch.autocast(DeviceType.CPU, torch.ScalarType.BFloat16) : null) rows = head.call(network.call(images).flatten(1));
            loss = rows.to(torch.float32).square().mean();
            loss.backward();
        }
    }
}

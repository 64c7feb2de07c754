// Work that is recorded once and done again as a whole: a CUDA graph, or on a CPU the operators one by one.
#pragma once

#include <c10/core/Device.h>

#include <memory>

namespace s3l {

class Recording {
   public:
    virtual ~Recording() = default;

    // From here on the calling thread's work is recorded, or only done as it will be when it is recorded. Where it throws nothing has begun.
    virtual void enter(bool record) = 0;

    // Ends what enter began. What was recorded has then been done once.
    virtual void leave() = 0;

    // As leave, after a failure: nothing stays recorded. Throws where the device is not as it was before.
    virtual void abandon() = 0;

    virtual void replay() = 0;
};

std::unique_ptr<Recording> make_recording(c10::Device device);

// Whether this thread's work is being recorded. A record knows libtorch's operators alone, so loops over memory stand back for these.
bool is_recording();

// From here on, until false: this thread's operators are refused for which the host would wait, before the device sees them.
void set_recording(bool value);

}  // namespace s3l

#include "cli/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace pbxbridge::cli {

void open_closed_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    // The lowest free number is the stream's own, for those below it are open by now.
    if (::fcntl(stream, F_GETFD) == -1)
      static_cast<void>(::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR));
}

}  // namespace pbxbridge::cli

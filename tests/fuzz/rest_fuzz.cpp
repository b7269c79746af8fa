// Answers of a PBX's REST interface to the question for one of its lists.

#include "fuzz/check.hpp"
#include "pbx/rest_question.hpp"
#include "text/secrets.hpp"

#include <algorithm>
#include <fuzzer/FuzzedDataProvider.h>

using pbxbridge::fuzz::check;
using pbxbridge::pbx::RestQuestion;

namespace {

void ask_for(pbxbridge::pbx::RestList list, FuzzedDataProvider input) {
  RestQuestion question(list, {"bridge", "hunter2", "example.test"});
  bool has_logged_in = false;
  for (int answers = 0; answers < 20 && input.remaining_bytes() > 0; ++answers) {
    const auto request = question.next();
    check((request.method == "POST") != has_logged_in, "it logs in first, and once");
    for (const auto& [name, value] : request.headers)
      check(value.find_first_of("\r\n") == std::string::npos, "no answer makes a header of its own");
    const unsigned status = input.ConsumeBool() ? 200 : input.ConsumeIntegralInRange(100U, 599U);
    const auto result = question.take({status, input.ConsumeRandomLengthString(4096)});
    if (!result) {
      check(status == 200 || status == 201, "only a success goes on");
      has_logged_in = true;
      continue;
    }
    if (*result) {
      check(has_logged_in && (status == 200 || status == 201), "nobody is believed without a login and a success");
      check(std::ranges::none_of(**result, &std::string::empty), "what is listed has a name");
      check((*result)->size() <= 2 * RestQuestion::entries_max, "they are bounded");
    } else {
      check(!result->error().text.empty(), "an error says what is wrong");
      check(result->error().text.find("hunter2") == std::string::npos, "it does not repeat the password");
    }
    break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pbxbridge::text::remember_secret("hunter2");  // as whoever reads it does
  for (const auto& [list, name] : pbxbridge::enum_names<pbxbridge::pbx::RestList>)
    ask_for(list, FuzzedDataProvider(data, size));
  return 0;
}

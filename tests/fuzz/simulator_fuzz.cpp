// Messages and requests of a client to the simulated PBX: an input that begins with `/` is a path and query of the REST
// API, with a form behind a line break; each line of any other is a WebSocket message.

#include "fuzz/check.hpp"
#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/protocol/dialogue.hpp"
#include "simulator/rest/service.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <set>
#include <string>

using pbxbridge::fuzz::check;
using namespace pbxbridge::sim;
using nlohmann::json;

namespace {

struct Pbx {
  Installation installation = default_installation();
  World world{installation.tenants};
  Model model{world, 1, time_of_seconds(1764000000), Dialect::v22};
  Tokens tokens{std::chrono::hours(1)};
  RestService rest{installation, world, model, tokens};
  std::chrono::steady_clock::time_point now{};
  std::string administrator = tokens.issue(installation.accounts.at(1), now).access;

  Pbx() {
    while (model.records().size() < 20) (void)model.next();
  }
};

void check_request(Pbx& pbx, std::string_view text) {
  const auto target = text.substr(0, text.find('\n'));
  const auto form = text.substr(std::min(text.size(), target.size() + 1));
  const HttpRequest get{"GET", "/api" + std::string(target), "Bearer " + pbx.administrator, ""};
  const HttpRequest login{"POST", "/api/login/oauth/token", "", std::string(form)};
  for (const auto& request : {get, login}) {
    const auto answer = pbx.rest.answer(request, pbx.now);
    const auto body = json::parse(answer.body);
    check(std::set<unsigned>{200, 400, 401, 403, 404, 405}.contains(answer.status), "a known status");
    check((answer.status == 200) != body.contains("errors"), "an error says what it is");
    if (body.contains("items")) check(body["items"].size() <= 100 && body["items"].size() <= body["count"], "a page");
  }
}

void check_messages(const Pbx& pbx, Dialect dialect, std::string_view text) {
  Behaviour behaviour;
  behaviour.dialect = dialect;
  Dialogue dialogue(pbx.installation, pbx.world, behaviour);
  for (std::size_t count = 1; !text.empty(); ++count) {
    const auto message = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), message.size() + 1));
    const auto reaction = dialogue.receive(message, pbx.model.now());
    check(reaction.answers.size() == 1, "each message has one answer");
    const auto answer = json::parse(reaction.answers[0]);
    check(dialect == Dialect::v16 || answer.at("id") == std::to_string(count), "ids count the answers");
    check((answer.at("status") == 0) != answer.contains("error"), "an error says what it is");
    for (const auto& snapshot : reaction.snapshots) check(json::accept(snapshot.event), "a snapshot is JSON");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Pbx pbx;
  const auto text = pbxbridge::fuzz::text_of(data, size);
  if (text.starts_with('/'))
    check_request(pbx, text);
  else
    for (const auto dialect : {Dialect::v22, Dialect::v16}) check_messages(pbx, dialect, text);
  return 0;
}

#include "pbx/subscriptions.hpp"

#include "event/event_types.hpp"
#include "pbx/subscription_plan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pbxbridge::pbx {
namespace {

using config::SubscribeConfig;

void append(std::vector<SubscriptionRequest>& all, std::vector<SubscriptionRequest> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool contains(const auto& range, const auto& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

/// `global_queue_events` and `queue_events` are of the family `queue`: a topic is named after its family.
std::optional<Family> family_of_topic(std::string_view topic) {
  constexpr std::string_view global = "global_";
  constexpr std::string_view events = "_events";
  if (topic.starts_with(global)) topic.remove_prefix(global.size());
  if (!topic.ends_with(events)) return {};
  topic.remove_suffix(events.size());
  return enum_from_string<Family>(topic);
}

}  // namespace

Subscriptions::Subscriptions(const std::vector<SubscribeConfig>& entries, config::Dialect dialect, std::size_t batch)
    : dialect_(dialect), batch_(batch), snapshots_(dialect) {
  update(entries, false);
}

void Subscriptions::connection_ended() {
  questions_.clear();
  ended_topics_.clear();
  snapshots_.end_all();
  for (auto& subscription : subscriptions_) {
    subscription.state = State::pending;
    subscription.words.clear();
    subscription.unanswered = 0;
  }
  count_unproven();
}

std::vector<SubscriptionRequest> Subscriptions::ask(Command command, std::uint64_t subscription,
                                                    std::vector<SubscriptionRequest> requests) {
  questions_.insert(questions_.end(), requests.size(), Question{command, subscription});
  return requests;
}

std::vector<SubscriptionRequest> Subscriptions::subscribe_all() {
  std::vector<SubscriptionRequest> all;
  for (auto& subscription : subscriptions_) append(all, ask_for(subscription));
  count_unproven();
  return all;
}

std::vector<SubscriptionRequest> Subscriptions::unsubscribe_all() {
  std::vector<SubscriptionRequest> all;
  for (const auto& subscription : subscriptions_)
    if (subscription.state != State::rejected)
      append(all, ask(Command::unsubscribe, subscription.id, requests_for(subscription.entry, batch_)));
  return all;
}

Subscriptions::Update Subscriptions::update(const std::vector<SubscribeConfig>& entries, bool connected) {
  const auto wanted = without_repetitions(entries);
  Update update;
  for (const auto& subscription : subscriptions_) {
    if (contains(wanted, subscription.entry)) continue;
    update.dropped.push_back(describe(subscription.entry));
    snapshots_.end(subscription.id);
    if (!connected || subscription.state == State::rejected) continue;
    auto requests = requests_to_end(subscription.entry, wanted, batch_);
    append(update.unsubscribe, ask(Command::unsubscribe, subscription.id, std::move(requests)));
    ended_topics_.push_back(subscription.entry.topic);
  }
  std::erase_if(subscriptions_,
                [&](const Subscription& subscription) { return !contains(wanted, subscription.entry); });

  for (const auto& entry : wanted) {
    if (std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto& had) { return had.entry == entry; }))
      continue;
    auto& subscription = subscriptions_.emplace_back(Subscription{next_id_++, entry});
    if (connected) append(update.subscribe, ask_for(subscription));
  }
  count_unproven();
  return update;
}

Subscriptions::Update Subscriptions::ask_for_snapshots() {
  Update update;
  for (const auto& subscription : subscriptions_)
    if (brings_snapshots(subscription))
      append(update.unsubscribe, ask(Command::unsubscribe, subscription.id, requests_for(subscription.entry, batch_)));
  for (auto& subscription : subscriptions_)
    if (brings_snapshots(subscription)) append(update.subscribe, ask_for(subscription));
  return update;
}

/// The other queues of an entry stay subscribed to: one that is gone by now could get them all rejected.
Subscriptions::Update Subscriptions::ask_for_queues(const event::QueueNames& queues) {
  Update update;
  for (auto& subscription : subscriptions_) {
    const auto part = snapshots_.part_of(subscription.entry, queues);
    if (!part) continue;
    if (subscription.state == State::rejected) {
      change_state(subscription, State::pending);
      append(update.subscribe, ask_for(subscription));
      continue;
    }
    const auto requests = requests_for(*part, batch_);
    append(update.unsubscribe, ask(Command::unsubscribe, subscription.id, requests));
    append(update.subscribe, ask(Command::subscribe, subscription.id, requests));
    subscription.unanswered += requests.size();
    snapshots_.asked(subscription.id, *part);
  }
  return update;
}

std::vector<SubscriptionRequest> Subscriptions::ask_for(Subscription& subscription) {
  auto requests = requests_for(subscription.entry, batch_);
  subscription.asked = subscription.unanswered = requests.size();
  snapshots_.asked(subscription.id, subscription.entry);
  return ask(Command::subscribe, subscription.id, std::move(requests));
}

bool Subscriptions::brings_snapshots(const Subscription& subscription) const {
  return subscription.state != State::rejected && snapshots_.follow(subscription.entry.topic);
}

Subscriptions::Subscription* Subscriptions::find(std::uint64_t id) {
  const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                  [&](const Subscription& subscription) { return subscription.id == id; });
  return found == subscriptions_.end() ? nullptr : &*found;
}

std::optional<Subscriptions::Question> Subscriptions::take_question(const Answer& answer) {
  const auto fits = [&](const Question& question) { return !answer.to || question.command == *answer.to; };
  auto found = std::find_if(questions_.begin(), questions_.end(), fits);
  if (found == questions_.end()) return {};
  if (!answer.accepted()) {
    // A PBX that answers rejections only: it cannot have rejected what an event has proven.
    const auto unproven = std::find_if(found, questions_.end(), [&](const Question& question) {
      const Subscription* subscription = find(question.subscription);
      const bool proven =
          question.command == Command::subscribe && subscription != nullptr && subscription->state == State::granted;
      return fits(question) && !proven;
    });
    if (unproven != questions_.end()) found = unproven;
  }
  const Question question = *found;
  questions_.erase(found);
  return question;
}

Subscriptions::Verdict Subscriptions::answered(const Answer& answer, SystemTime at, std::optional<Change>& change) {
  change.reset();
  const auto question = take_question(answer);
  if (!question) return Verdict::unexpected;
  Subscription* subscription = find(question->subscription);
  if (question->command == Command::unsubscribe) {
    if (!answer.accepted())
      change = Change{subscription == nullptr ? "a dropped entry" : describe(subscription->entry), State::rejected,
                      answer.words(), false, true};
    return Verdict::expected;
  }
  if (subscription == nullptr) return Verdict::expected;  // dropped by a reload before it was answered
  if (subscription->unanswered > 0) --subscription->unanswered;
  if (!answer.accepted()) {
    change = change_state(*subscription, State::rejected);
    subscription->words = answer.words();
    if (change) change->reason = subscription->words;
  } else if (subscription->unanswered == 0 && subscription->state != State::rejected) {
    change = change_state(*subscription, State::granted, at);
    if (!change) snapshots_.granted(subscription->id, at);  // asked for once more
  }
  return Verdict::expected;
}

std::vector<Subscriptions::Change> Subscriptions::time_out() {
  std::vector<Change> changes;
  for (auto& subscription : subscriptions_) {
    if (subscription.unanswered > 0) snapshots_.end(subscription.id);
    if (subscription.state == State::pending) changes.push_back(*change_state(subscription, State::silent));
  }
  return changes;
}

std::optional<Subscriptions::Change> Subscriptions::event_came(std::string_view event_type, SystemTime at) {
  Subscription* only = nullptr;
  for (auto& subscription : subscriptions_) {
    if (subscription.state == State::rejected || !comes_by(subscription, event_type)) continue;
    if (only != nullptr) return {};
    only = &subscription;
  }
  if (only == nullptr || contains(ended_topics_, only->entry.topic)) return {};
  // A part of a long selector list may still be rejected.
  if (only->asked > 1) return {};
  auto change = change_state(*only, State::granted, at);
  if (change) change->by_event = true;
  return change;
}

/// Version 16.x says which events of a topic are wanted; 22.x sends all of the topic's family.
bool Subscriptions::comes_by(const Subscription& subscription, std::string_view event_type) const {
  if (dialect_ == config::Dialect::v16) return contains(subscription.entry.keys, event_type);
  const event::EventType* type = event::find_event_type(event_type);
  return type != nullptr && family_of_topic(subscription.entry.topic) == type->family;
}

std::optional<Subscriptions::Change> Subscriptions::change_state(Subscription& subscription, State state,
                                                                 SystemTime at) {
  if (subscription.state == state) return {};
  subscription.state = state;
  if (state == State::granted)
    snapshots_.granted(subscription.id, at);
  else
    snapshots_.end(subscription.id);
  subscription.words.clear();
  count_unproven();
  return Change{describe(subscription.entry), state};
}

void Subscriptions::count_unproven() {
  unproven_ = static_cast<std::size_t>(
      std::count_if(subscriptions_.begin(), subscriptions_.end(), [](const Subscription& subscription) {
        return subscription.state == State::pending || subscription.state == State::silent;
      }));
}

bool Subscriptions::awaits_first_answer() const {
  return std::ranges::any_of(subscriptions_, [](const auto& each) { return each.state == State::pending; });
}

bool Subscriptions::awaits_snapshot_answer() const {
  return std::ranges::any_of(subscriptions_, [this](const Subscription& subscription) {
    return subscription.unanswered > 0 && brings_snapshots(subscription);
  });
}

bool Subscriptions::awaits_unsubscribe_answer() const {
  return std::any_of(questions_.begin(), questions_.end(),
                     [](const Question& question) { return question.command == Command::unsubscribe; });
}

std::vector<SubscriptionStatus> Subscriptions::status() const {
  std::vector<SubscriptionStatus> all;
  all.reserve(subscriptions_.size());
  for (const auto& each : subscriptions_)
    all.push_back({each.entry.topic, describe_selector(each.entry), each.state, {}, each.words});
  return all;
}

}  // namespace pbxbridge::pbx

# frozen_string_literal: true

require_relative "helper"

# Every shape of a refusal, and everything that is no answer at all, is one typed error.
class TestErrors < ClientTest
  KINDS = {
    401 => Offhook::Unauthorized, 402 => Offhook::NotEnoughCredit, 403 => Offhook::Forbidden, 404 => Offhook::NotFound,
    409 => Offhook::Conflict, 410 => Offhook::Gone, 422 => Offhook::KeyReused, 429 => Offhook::Throttled, 503 => Offhook::Unavailable
  }.freeze

  # Ask for the account, and return the error that comes of this answer.
  def error_of(answer, kind = Offhook::OffhookError)
    error = nil
    answering(answer) { |client| error = assert_raises(kind) { client.get_account } }
    assert_includes error.message, "GET #{@server.url}/account/"
    error
  end

  def problem(status, **headers)
    body = { detail: "It is so.", code: "a-code", help: "http://h.example/docs/errors/a-code" }
    SmallServer.answer(status, body, headers: headers.transform_keys(&:to_s))
  end

  def test_each_status_is_an_error_of_its_own
    KINDS.each do |status, kind|
      error = error_of(problem(status), kind)
      assert_equal [status, "a-code", "It is so.", "http://h.example/docs/errors/a-code", {}],
                   [error.status, error.code, error.detail, error.help, error.fields]
      ["It is so.", "a-code", kind::ADVICE, error.help].each { |part| assert_includes error.message, part }
    end
  end

  def test_other_statuses_are_errors_of_the_api_too
    [405, 413, 415, 418, 500].each { |status| assert_equal Offhook::ApiError, error_of(problem(status)).class }
  end

  def test_wrong_fields_are_named_with_their_sentences
    error = error_of(SmallServer.answer(400, { colour: ["There is no such field."], limit: %w[One. Two.] }), Offhook::BadRequest)
    assert_equal({ "colour" => ["There is no such field."], "limit" => %w[One. Two.] }, error.fields)
    assert_equal ["colour", nil], [error.field, error.code]
    assert_includes error.message, "colour: There is no such field. limit: One. Two."
  end

  def test_a_field_may_be_called_detail
    error = error_of(SmallServer.answer(400, { detail: ["Wrong."] }), Offhook::BadRequest)
    assert_equal({ "detail" => ["Wrong."] }, error.fields)
  end

  def test_a_bad_request_without_fields_has_a_code
    assert_equal ["a-code", {}], error_of(problem(400), Offhook::BadRequest).then { |error| [error.code, error.fields] }
  end

  def test_a_detail_alone_is_enough
    error = error_of(SmallServer.answer(401, { detail: "Wrong." }), Offhook::Unauthorized)
    assert_equal ["Wrong.", nil, nil], [error.detail, error.code, error.help]
  end

  def test_what_is_not_this_api_is_told_with_its_beginning
    page = SmallServer.answer(200, "<!DOCTYPE html>\n<title>Log in</title>", type: "text/html; charset=utf-8")
    html = error_of(page, Offhook::UnexpectedAnswer)
    assert_equal [200, "text/html"], [html.status, html.content_type]
    assert_includes html.message, 'a page (HTML or XML) (text/html), which begins with "<!DOCTYPE html> <title>Log in</title>"'
  end

  def test_what_is_no_json_of_this_api_is_told
    [[200, "pong"], [200, "[]"], [200, "null"], [200, ""], [200, '{"a": NaN}'], [200, "[" * 1000], [200, "\xff\xfe".b],
     [502, "<html>"], [404, "[]"], [400, "{}"], [400, '{"a": {"b": 1}}'], [404, '{"message": "no"}'],
     [500, '{"detail": ["x"]}']].each do |status, body|
      assert_equal status, error_of(SmallServer.answer(status, body), Offhook::UnexpectedAnswer).status
    end
  end

  def test_an_object_where_a_list_belongs_is_told
    answering(SmallServer.answer(200, {})) { |client| assert_raises(Offhook::UnexpectedAnswer) { client.get_subscription_list } }
  end

  def test_a_redirect_is_told_and_not_followed
    error = error_of(SmallServer.answer(301, "", headers: { "Location" => "https://right.example/" }), Offhook::UnexpectedAnswer)
    assert_includes error.message, "https://right.example/"
    assert_equal 1, @server.requests.size
  end

  def test_a_server_that_echoes_the_token_does_not_bring_it_into_a_message
    told = "you sent very-secret as Basic #{["shop:very-secret"].pack("m0")}"
    answers = [SmallServer.answer(200, told, type: "text/plain"), SmallServer.answer(404, { detail: told, code: told, help: told }),
               SmallServer.answer(400, { told => [told] }), SmallServer.answer(302, "", headers: { "Location" => told }),
               SmallServer.answer(200, "#{"x" * 110}very-secret", type: "text/plain"), "#{told}\r\n\r\n"]
    answers.each do |answer|
      shown = error_of(answer).then { |error| error.message + error.inspect + error.full_message(highlight: false) }
      ["very-secret", "very-", ["shop:very-secret"].pack("m0")].each { |secret| refute_includes shown, secret }
    end
  end

  def test_a_short_token_spoils_no_code
    help = "http://h/docs/errors/wrong-credentials"
    @server.answers << SmallServer.answer(401, { detail: "You sent wrong.", code: "wrong-credentials", help: help })
    error = assert_raises(Offhook::Unauthorized) { Offhook::Client.new(@server.url, "shop", "wrong").get_account }
    assert_equal ["You sent ***.", "wrong-credentials", help], [error.detail, error.code, error.help]
  end

  def test_the_client_shows_no_token
    [client.inspect, client.to_s, client.instance_variable_get(:@connection).inspect].each do |shown|
      refute_includes shown, "very-secret"
      assert_includes shown, "***"
    end
  end

  def test_a_server_that_is_not_there_is_told
    url = @server.url
    @server.close
    error = assert_raises(Offhook::ConnectionRefused) { Offhook::Client.new(url, "a", "b", tries: 1).get_account }
    assert_includes error.message, "GET #{url}/account/: nothing listens"
    @server = SmallServer.new
  end

  def test_a_host_that_does_not_exist_is_told
    nowhere = Offhook::Client.new("http://no-such-host.invalid", "a", "b", tries: 1)
    error = assert_raises(Offhook::HostNotFound) { nowhere.get_account }
    assert_includes error.message, "there is no host no-such-host.invalid"
  end

  def test_silence_is_a_time_out
    @server.answers << ->(_) { sleep 1 }
    assert_raises(Offhook::TimedOut) { client(tries: 1, timeout_s: 0.1).get_account }
  end

  def test_an_answer_that_trickles_is_a_time_out
    @server.answers << lambda { |socket|
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      20.times { socket.write(" ") && sleep(0.05) }
    }
    assert_raises(Offhook::TimedOut) { client(tries: 1, timeout_s: 0.2).get_account }
  end

  def test_a_connection_that_breaks_is_told
    error_of(->(socket) { socket.close }, Offhook::ConnectionLost)
    error_of(SmallServer.answer(200, {}, headers: { "Content-Length" => 100 }), Offhook::ConnectionLost)
    error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[", Offhook::ConnectionLost)
  end

  def test_what_does_not_speak_http_is_told
    error_of("SSH-2.0-OpenSSH_9.2\r\n\r\n", Offhook::UnexpectedAnswer)
  end
end

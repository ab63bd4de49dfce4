// A line for the console of the flow collector. Runs in the Zabbix server; parameters: url, key, command, user.
var parameters = JSON.parse(value);

function base64url(bytes) {
	var alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', text = '';

	for (var i = 0; i < bytes.length; i += 3) {
		var three = bytes[i] << 16 | (bytes[i + 1] || 0) << 8 | (bytes[i + 2] || 0);

		for (var j = 0; j < Math.min(bytes.length - i, 3) + 1; j++) {
			text += alphabet.charAt(three >> (18 - 6 * j) & 63);
		}
	}

	return text;
}

// UTF-8 of a text without surrogates, which encodeURIComponent() would refuse.
function bytesOfText(text) {
	var escaped = encodeURIComponent(text), bytes = [];

	for (var i = 0; i < escaped.length; i++) {
		if (escaped.charAt(i) === '%') {
			bytes.push(parseInt(escaped.substr(i + 1, 2), 16));
			i += 2;
		}
		else {
			bytes.push(escaped.charCodeAt(i));
		}
	}

	return bytes;
}

function bytesOfHex(hex) {
	var bytes = [];

	for (var i = 0; i < hex.length; i += 2) {
		bytes.push(parseInt(hex.substr(i, 2), 16));
	}

	return bytes;
}

function token() {
	var now = Math.floor(Date.now() / 1000),
		claims = {sub: parameters.user, iat: now, exp: now + 60},
		signed = base64url(bytesOfText('{"alg":"HS256","typ":"JWT"}')) + '.' + base64url(bytesOfText(JSON.stringify(claims)));

	return signed + '.' + base64url(bytesOfHex(hmac('sha256', parameters.key, signed)));
}

var request = new HttpRequest();

request.addHeader('Content-Type: application/json');
request.addHeader('Authorization: Bearer ' + token());

var text = request.post(parameters.url + '/rpc', JSON.stringify({
	jsonrpc: '2.0',
	id: 1,
	method: 'console.run',
	params: {command: parameters.command}
}));
var answer;

try {
	answer = JSON.parse(text);
}
catch (error) {
	throw 'What answers at ' + parameters.url + ' is not the flow collector: see the macro {$WEIR.CONSOLE.URL}.';
}

if (answer.error) {
	throw answer.error.code === -32001
		? answer.error.message + '. After a new secret: Administration > General > Flows > Make scripts. The clocks have to agree.'
		: answer.error.message;
}

return answer.result.text;
